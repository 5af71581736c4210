"""A sender in a process of its own, for a test that kills it: register, keys, port."""

from __future__ import annotations

import sys
from pathlib import Path

from qalqan.register.database import Database
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work.sms import sender

if __name__ == "__main__":
    address, keys, port, user, password = sys.argv[1:]
    sender.LEASE_S = 0.4
    told = Settings(
        sms="smpp", sms_smpp=f"127.0.0.1:{port}", sms_user=user, sms_password=password,
        sms_tls=False,
    )  # fmt: skip
    mine = sender.Sender(Database(address), Keys.load(Path(keys)), told)
    while True:
        mine.look()
