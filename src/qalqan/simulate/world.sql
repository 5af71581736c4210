CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE accounts (
  number INTEGER PRIMARY KEY, text TEXT UNIQUE, bank TEXT, holder TEXT, opening INTEGER NOT NULL
);
CREATE TABLE payments (
  number INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, payer INTEGER NOT NULL,
  payee INTEGER NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), instrument TEXT NOT NULL,
  purpose TEXT, scripted INTEGER NOT NULL DEFAULT 0, declined INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX payments_payer ON payments (payer, at_us);
CREATE INDEX payments_payee ON payments (payee, at_us);
CREATE INDEX payments_time ON payments (at_us);
-- Accounts whose balance the script depends on; of all others every usual payment goes.
CREATE TABLE watched (account INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
CREATE TABLE parcels (
  account INTEGER, stage INTEGER, onward INTEGER NOT NULL, kept INTEGER NOT NULL,
  PRIMARY KEY (account, stage)
) WITHOUT ROWID;
CREATE TABLE gone (
  claim INTEGER, part TEXT, units INTEGER NOT NULL, PRIMARY KEY (claim, part)
) WITHOUT ROWID;
CREATE TABLE given_up (claim INTEGER PRIMARY KEY, units INTEGER NOT NULL);
CREATE TABLE actions (
  number INTEGER PRIMARY KEY, due_us INTEGER NOT NULL, stage INTEGER NOT NULL,
  out INTEGER NOT NULL, units INTEGER NOT NULL
);
CREATE TABLE holds (
  "order" TEXT PRIMARY KEY, account INTEGER NOT NULL, amount INTEGER NOT NULL,
  until_us INTEGER NOT NULL, disputed INTEGER NOT NULL
) WITHOUT ROWID;
-- A later order that prolongs a hold speaks of the same money.
CREATE TABLE same_hold ("order" TEXT PRIMARY KEY, hold TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE carried (
  payment INTEGER, claim INTEGER, units INTEGER NOT NULL, PRIMARY KEY (payment, claim)
) WITHOUT ROWID;
-- What banks were ordered and what they answered.
CREATE TABLE orders (
  "order" TEXT PRIMARY KEY, bank TEXT NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL,
  due_us INTEGER NOT NULL, answer TEXT, sent INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE streams (bank TEXT PRIMARY KEY, told_us INTEGER NOT NULL) WITHOUT ROWID;
