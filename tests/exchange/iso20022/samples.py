"""Messages as banks send them, in any version, with only what matters to a test said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

OWN, OTHER = "KZ75125KZT2069100100", "KZ52211KZT0000000016"
OWN_BIC, OTHER_BIC = "AAAAKZKA", "BBBBKZKA"
IIN = "880101300123"
UETR = "8a562c67-ca16-48ba-b074-65581be6f00{}"


def namespace(name: str) -> str:
    return f"urn:iso:std:iso:20022:tech:xsd:{name}"


def iban(text: str) -> str:
    return f"<Id><IBAN>{text}</IBAN></Id>"


def other(text: str, scheme: str = "") -> str:
    named = f"<SchmeNm><Prtry>{scheme}</Prtry></SchmeNm>" if scheme else ""
    return f"<Id><Othr><Id>{text}</Id>{named}</Othr></Id>"


def bank(bic: str, version: int = 8, message: str = "pacs.008") -> str:
    tag = "BIC" if message == "camt.053" and version < 3 else "BICFI"
    return f"<FinInstnId><{tag}>{bic}</{tag}></FinInstnId>"


def transfer(**said: str) -> str:
    """One CdtTrfTxInf; what is said replaces what is usual, an empty text leaves it out."""
    usual = {
        "ids": f"<EndToEndId>E-1</EndToEndId><TxId>T-1</TxId><UETR>{UETR.format(1)}</UETR>",
        "kind": "",
        "amount": '<IntrBkSttlmAmt Ccy="KZT">1500.50</IntrBkSttlmAmt>',
        "times": "<AccptncDtTm>2026-11-20T10:00:00.25+05:00</AccptncDtTm>",
        "instructing": "",
        "debtor": f"<Dbtr><Id><PrvtId><Othr><Id>{IIN}</Id></Othr></PrvtId></Id></Dbtr>",
        "debtor_account": f"<DbtrAcct>{iban(OWN)}</DbtrAcct>",
        "creditor": "<Cdtr><Nm>Somebody</Nm></Cdtr>",
        "creditor_agent": f"<CdtrAgt>{bank(OTHER_BIC)}</CdtrAgt>",
        "creditor_account": f"<CdtrAcct>{iban(OTHER)}</CdtrAcct>",
        "purpose": "",
        "remittance": "<RmtInf><Ustrd>for  goods</Ustrd></RmtInf>",
    }
    assert not said.keys() - usual
    t = usual | said
    return (
        f"<CdtTrfTxInf><PmtId>{t['ids']}</PmtId>{t['kind']}{t['amount']}"
        f"<IntrBkSttlmDt>2026-11-20</IntrBkSttlmDt>{t['times']}<ChrgBr>SLEV</ChrgBr>"
        f"{t['instructing']}{t['debtor']}{t['debtor_account']}"
        f"<DbtrAgt>{bank(OWN_BIC)}</DbtrAgt>{t['creditor_agent']}{t['creditor']}"
        f"{t['creditor_account']}{t['purpose']}{t['remittance']}</CdtTrfTxInf>"
    )


def pacs008(*transfers: str, version: int = 8, count: int | None = None) -> bytes:
    said = len(transfers) if count is None else count
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="{namespace(f"pacs.008.001.{version:02d}")}"><FIToFICstmrCdtTrf>'
        f"<GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-11-20T05:00:00Z</CreDtTm>"
        f"<NbOfTxs>{said}</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>"
        f"{''.join(transfers)}</FIToFICstmrCdtTrf></Document>"
    ).encode()


def pacs004(reason: str = "FOCR", chain: str = "", version: int = 9) -> bytes:
    """One return of what OWN had paid to OTHER."""
    return (
        f'<Document xmlns="{namespace(f"pacs.004.001.{version:02d}")}"><PmtRtr>'
        "<GrpHdr><MsgId>R-M</MsgId><CreDtTm>2026-11-21T05:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs>"
        "<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><TxInf><RtrId>R-1</RtrId>"
        f"<OrgnlEndToEndId>E-1</OrgnlEndToEndId><OrgnlUETR>{UETR.format(1)}</OrgnlUETR>"
        '<RtrdIntrBkSttlmAmt Ccy="KZT">1500.5</RtrdIntrBkSttlmAmt>'
        f"<IntrBkSttlmDt>2026-11-21</IntrBkSttlmDt>{chain}"
        f"<RtrRsnInf><Rsn><Cd>{reason}</Cd></Rsn></RtrRsnInf><OrgnlTxRef>"
        f"<DbtrAcct>{iban(OWN)}</DbtrAcct><DbtrAgt>{bank(OWN_BIC)}</DbtrAgt>"
        f"<CdtrAgt>{bank(OTHER_BIC)}</CdtrAgt><CdtrAcct>{iban(OTHER)}</CdtrAcct>"
        "</OrgnlTxRef></TxInf></PmtRtr></Document>"
    ).encode()


def balance(code: str, amount: str, day: str, sign: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="KZT">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>'
    )


def entry(amount: str, direction: str, version: int = 8, **said: str) -> str:
    usual = {
        "status": "BOOK",
        "booked": "<DtTm>2026-11-20T10:00:00+05:00</DtTm>",
        "reference": "<AcctSvcrRef>L-1</AcctSvcrRef>",
        "code": "<Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>",
        "details": "",
    }
    assert not said.keys() - usual
    e = usual | said
    status = f"<Cd>{e['status']}</Cd>" if version >= 7 else e["status"]
    details = f"<NtryDtls>{e['details']}</NtryDtls>" if e["details"] else ""
    return (
        f'<Ntry><Amt Ccy="KZT">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt>{e['booked']}</BookgDt>{e['reference']}<BkTxCd>{e['code']}</BkTxCd>"
        f"{details}</Ntry>"
    )


def details(
    end: str,
    account: str,
    bic: str = "",
    version: int = 8,
    amount: str = "",
    refs: str = "",
    holder: str = "",
    dates: str = "",
) -> str:
    """One TxDtls with the other side: `end` is Dbtr or Cdtr."""
    refs = refs or (f"<UETR>{UETR.format(1)}</UETR>" if version >= 8 else "")
    refs = f"<Refs><EndToEndId>E-1</EndToEndId>{refs}</Refs>"
    known = f"<Id><PrvtId><Othr><Id>{holder}</Id></Othr></PrvtId></Id>" if holder else ""
    party = f"<{end}><Pty>{known}</Pty></{end}>" if version >= 7 else f"<{end}>{known}</{end}>"
    sum_ = ""
    if amount and version >= 3:
        sum_ = f'<Amt Ccy="KZT">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
    elif amount:
        sum_ = f'<AmtDtls><TxAmt><Amt Ccy="KZT">{amount}</Amt></TxAmt></AmtDtls>'
    agent = f"<RltdAgts><{end}Agt>{bank(bic, version, 'camt.053')}</{end}Agt></RltdAgts>"
    return (
        f"<TxDtls>{refs}{sum_}<RltdPties>{party}<{end}Acct>{account}</{end}Acct></RltdPties>"
        f"{agent if bic else ''}{dates}</TxDtls>"
    )


PERIOD = (
    "<FrToDt><FrDtTm>2026-11-20T00:00:00+05:00</FrDtTm>"
    "<ToDtTm>2026-11-20T18:00:00+05:00</ToDtTm></FrToDt>"
)
BALANCES = balance("OPBD", "1000.00", "2026-11-20") + balance("CLBD", "1200.00", "2026-11-20")


def statement(
    *entries: str,
    name: str = "S-1",
    version: int = 8,
    period: str = PERIOD,
    balances: str = BALANCES,
    page: str = "",
    account: str = OWN,
) -> str:
    return (
        f"<Stmt><Id>{name}</Id>{page}<CreDtTm>2026-11-20T18:00:00+05:00</CreDtTm>{period}"
        f"<Acct>{iban(account)}<Ccy>KZT</Ccy></Acct>{balances}{''.join(entries)}</Stmt>"
    )


def camt053(*statements: str, version: int = 8, query: str = "") -> bytes:
    asked = f"<OrgnlBizQry><MsgId>{query}</MsgId></OrgnlBizQry>" if query else ""
    return (
        f'<Document xmlns="{namespace(f"camt.053.001.{version:02d}")}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>G-1</MsgId><CreDtTm>2026-11-20T18:00:00+05:00</CreDtTm>{asked}</GrpHdr>"
        f"{''.join(statements)}</BkToCstmrStmt></Document>"
    ).encode()


def rows(*tables: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    return [dict(row) for table in tables for row in table]
