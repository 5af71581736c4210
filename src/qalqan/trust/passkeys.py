"""Passkeys (WebAuthn level 2), over `webauthn`: what a browser is asked; whether its answer holds.

Keys are asked to be discoverable and to verify their owner (finger, face, PIN), so one alone is two
factors. A passkey belongs to a domain: where the console is reached by a bare IP address there are
none.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, cast

import webauthn
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from qalqan.errors import NotAllowed

LONGEST = 16_384
"""Characters of a browser's answer."""
_VERIFIED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True)
class Site:
    """Whose passkeys these are: a domain, and the origin that its pages have."""

    domain: str
    origin: str


@dataclass(frozen=True)
class Made:
    """A new passkey's public half."""

    credential: bytes
    public_key: bytes
    count: int


def asked_to_make(site: Site, login: str, challenge: bytes, known: list[bytes]) -> dict[str, Any]:
    """What `navigator.credentials.create` is given; a device that holds a known one refuses."""
    options = webauthn.generate_registration_options(
        rp_id=site.domain,
        rp_name="Qalqan",
        user_name=login,
        user_id=hashlib.sha256(b"qalqan passkey " + login.encode()).digest(),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return cast(dict[str, Any], json.loads(webauthn.options_to_json(options)))


def asked_to_sign(site: Site, challenge: bytes, known: list[bytes]) -> dict[str, Any]:
    """What `navigator.credentials.get` is given; with no known ones any of the site's will do."""
    options = webauthn.generate_authentication_options(
        rp_id=site.domain,
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        user_verification=_VERIFIED,
    )
    return cast(dict[str, Any], json.loads(webauthn.options_to_json(options)))


def made(site: Site, answer: str, challenge: bytes) -> Made:
    """The passkey that a browser made. Raises `NotAllowed`: the answer does not hold."""
    try:
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except WebAuthnException:
        raise _wrong() from None
    return Made(found.credential_id, found.credential_public_key, found.sign_count)


def signed(site: Site, answer: str, challenge: bytes, public_key: bytes, count: int) -> int:
    """The key's new count of signatures. Raises `NotAllowed`: the answer does not hold, or a copy
    of the key has signed meanwhile."""
    try:
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=count,
            require_user_verification=True,
        )
    except WebAuthnException:
        raise _wrong() from None
    return found.new_sign_count


def told(answer: str) -> tuple[bytes, bytes]:
    """The credential's id and the challenge that an answer speaks of, before either is believed.
    Raises `NotAllowed`: it is no such answer."""
    if len(answer) > LONGEST:
        raise _wrong()
    try:
        body = json.loads(answer)
        credential = base64url_to_bytes(body["rawId"])
        client = parse_client_data_json(base64url_to_bytes(body["response"]["clientDataJSON"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, WebAuthnException):
        raise _wrong() from None
    return credential, client.challenge


def _wrong() -> NotAllowed:
    return NotAllowed("sign_in", "passkey")
