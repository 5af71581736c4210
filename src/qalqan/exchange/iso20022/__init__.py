"""ISO 20022 messages: payments (pacs.008), returns (pacs.004) and statements (camt.053) in, recalls
(camt.056) out, answers to them (camt.029) in (REQ-19, 44)."""
