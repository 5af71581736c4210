"""The centre's way to its mail server (REQ-19)."""

from __future__ import annotations

import smtplib
import ssl

from qalqan.errors import Unavailable
from qalqan.settings import Settings

TIMEOUT_S = 20.0


class Mailer:
    """Hands messages to the server that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def is_set(self) -> bool:
        """Whether there is a server, and an address to write from."""
        return self._settings.smtp is not None and self._settings.mail_from is not None

    @property
    def sender(self) -> str:
        """The centre's address."""
        return self._settings.mail_from or ""

    def send(self, to: str, message: bytes) -> None:
        """Raises `Unavailable`: the server does not take it, or offers no TLS where it has to."""
        told = self._settings
        host, _, port = (told.smtp or "").rpartition(":")
        try:
            with smtplib.SMTP(host, int(port), timeout=TIMEOUT_S) as server:
                if told.smtp_tls:
                    server.starttls(context=ssl.create_default_context())
                if told.smtp_user is not None and told.smtp_password is not None:
                    server.login(told.smtp_user, told.smtp_password.get_secret_value())
                server.sendmail(self.sender, [to], message)
        except (OSError, smtplib.SMTPException) as error:
            reason = type(error).__name__
            raise Unavailable(f"mail: {reason}", "partner.away", said=reason) from error
