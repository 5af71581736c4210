"""The register's tables. Times are UTC microseconds, sums minor units; personal values stand
here only as vault tokens (`register.vault` alone turns them back)."""

from qalqan.register.orm.abroad import (
    AbroadContact,
    AbroadRequest,
    AbroadStep,
    TreatyEnd,
    TreatyRow,
)
from qalqan.register.orm.access import BreakGlass, Team, TeamCase, TeamMember
from qalqan.register.orm.appeals import AppealRow, CallAppeal
from qalqan.register.orm.backtests import Backtest, BacktestFinding, RuleChange
from qalqan.register.orm.base import Base
from qalqan.register.orm.bulletin import Bulletin, FigureValue, OfficialFigure
from qalqan.register.orm.calls import CallCampaign, CallCount, CallEdge, CallFile
from qalqan.register.orm.cases import (
    Approval,
    Case,
    CaseAccount,
    Order,
    OrderEvent,
    PayerToWarn,
    Report,
    Root,
    Trail,
)
from qalqan.register.orm.casework import (
    CaseDocument,
    CaseEntity,
    CaseEvent,
    CaseNote,
    CaseTask,
    CustodyLine,
    DocumentPiece,
)
from qalqan.register.orm.drops import (
    Drop,
    DropAccount,
    DropCase,
    DropChannel,
    DropFinding,
    DropStep,
)
from qalqan.register.orm.facts import Batch, Identity, IdentityRun, Landing, Quarantined, Seal
from qalqan.register.orm.log import (
    LogCheckpoint,
    LogTile,
    Purpose,
    VaultBatch,
    VaultBlock,
    VaultGone,
)
from qalqan.register.orm.partners import Partner, PartnerEvent, PartnerKey
from qalqan.register.orm.people import Audit, Throttle, User, VaultEntry
from qalqan.register.orm.queue import CaseOwner, CaseStanding, SavedView, StandingTotal
from qalqan.register.orm.rules import DetectorMode, Estimate, FindingRow, IndicatorRow, Policy
from qalqan.register.orm.search import Asked, NameMark, NearMark, SearchName
from qalqan.register.orm.sign_in import Challenge, Passkey, RecoveryCode, Session, Totp
from qalqan.register.orm.sims import (
    ComplianceItem,
    ComplianceStep,
    Device,
    DeviceStep,
    LinksRead,
    NumberLink,
)
from qalqan.register.orm.training import Course, CourseTaken, Exercise
from qalqan.register.orm.upkeep import LegalHold, Pause, RetentionDrop
from qalqan.register.orm.work import Job, Lease, Number

__all__ = [
    "AbroadContact",
    "AbroadRequest",
    "AbroadStep",
    "AppealRow",
    "Approval",
    "Asked",
    "Audit",
    "Backtest",
    "BacktestFinding",
    "Base",
    "Batch",
    "BreakGlass",
    "Bulletin",
    "CallAppeal",
    "CallCampaign",
    "CallCount",
    "CallEdge",
    "CallFile",
    "Case",
    "CaseAccount",
    "CaseDocument",
    "CaseEntity",
    "CaseEvent",
    "CaseNote",
    "CaseOwner",
    "CaseStanding",
    "CaseTask",
    "Challenge",
    "ComplianceItem",
    "ComplianceStep",
    "Course",
    "CourseTaken",
    "CustodyLine",
    "DetectorMode",
    "Device",
    "DeviceStep",
    "DocumentPiece",
    "Drop",
    "DropAccount",
    "DropCase",
    "DropChannel",
    "DropFinding",
    "DropStep",
    "Estimate",
    "Exercise",
    "FigureValue",
    "FindingRow",
    "Identity",
    "IdentityRun",
    "IndicatorRow",
    "Job",
    "Landing",
    "Lease",
    "LegalHold",
    "LinksRead",
    "LogCheckpoint",
    "LogTile",
    "NameMark",
    "NearMark",
    "Number",
    "NumberLink",
    "OfficialFigure",
    "Order",
    "OrderEvent",
    "Partner",
    "PartnerEvent",
    "PartnerKey",
    "Passkey",
    "Pause",
    "PayerToWarn",
    "Policy",
    "Purpose",
    "Quarantined",
    "RecoveryCode",
    "Report",
    "RetentionDrop",
    "Root",
    "RuleChange",
    "SavedView",
    "Seal",
    "SearchName",
    "Session",
    "StandingTotal",
    "Team",
    "TeamCase",
    "TeamMember",
    "Throttle",
    "Totp",
    "Trail",
    "TreatyEnd",
    "TreatyRow",
    "User",
    "VaultBatch",
    "VaultBlock",
    "VaultEntry",
    "VaultGone",
]
