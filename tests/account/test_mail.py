"""Mail: by a real server, or to the log."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from closient_gql.adapters import mail as adapter
from closient_gql.adapters.mail import ConsoleMailer, Mail, SmtpMailer, mailer_of
from closient_gql.core.errors import Unavailable
from closient_gql.core.settings import Settings

MAIL = Mail("ann@acme.example", "Grüße", "Hello ü\n\n    token\n")


class Inbox:
    """Refuses mails to `nobody@…`."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("nobody"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope)
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    found = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    yield found, port
    controller.stop()


def mailer(port: int) -> adapter.Mailer:
    url = SecretStr(f"smtp://127.0.0.1:{port}")
    return mailer_of(Settings(smtp_url=url, mail_from="Closient <no-reply@closient.example>"))


async def test_by_smtp(inbox: tuple[Inbox, int]) -> None:
    found, port = inbox
    await mailer(port).send(MAIL)
    (envelope,) = found.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@closient.example", ["ann@acme.example"])
    text = envelope.content.decode()
    assert "From: Closient <no-reply@closient.example>" in text
    assert "To: ann@acme.example" in text
    assert "Subject: =?utf-8?" in text
    assert "\r\n    token\r\n" in text


async def test_failures_can_be_tried_again(inbox: tuple[Inbox, int]) -> None:
    _, port = inbox
    with pytest.raises(Unavailable, match=r"could not be sent \(SMTPRecipientsRefused"):
        await mailer(port).send(Mail("nobody@acme.example", "x", "x"))
    with pytest.raises(Unavailable, match=r"could not be sent \(SMTPConnectError"):
        await mailer(1).send(MAIL)
    for address in ("a@b.example\r\nBcc: c@d.example", "", "a@", "a..b@c.example"):
        with pytest.raises(Unavailable, match="could not be sent"):
            await mailer(port).send(Mail(address, "x", "x"))


async def test_a_subject_is_one_line(inbox: tuple[Inbox, int]) -> None:
    """Names of organizations may have several, and their invitations are sent."""
    found, port = inbox
    await mailer(port).send(Mail("ann@acme.example", "To A\r\nBcc: c@d.example\n", "x"))
    (envelope,) = found.mails
    assert envelope.rcpt_tos == ["ann@acme.example"]
    assert "\r\nSubject: To A Bcc: c@d.example\r\n" in envelope.content.decode()


async def test_without_a_server_standard_output_is_the_mailbox(capsys: pytest.CaptureFixture[str]) -> None:
    found = mailer_of(Settings(log_level="error"))
    assert isinstance(found, ConsoleMailer)
    await found.send(MAIL)
    head = "-- mail to ann@acme.example, not sent as CLOSIENT_SMTP_URL is not set: Grüße"
    assert capsys.readouterr().out == f"{head}\n\n{MAIL.text.rstrip()}\n\n-- end of mail\n"


def test_servers_by_url() -> None:
    def of(url: str) -> Any:
        return mailer_of(Settings(smtp_url=SecretStr(url)))

    secure = of("smtps://me%40x:p%2Fw@mail.example")
    assert secure == SmtpMailer("mail.example", 465, "Closient <no-reply@localhost>", True, "me@x", "p/w")
    assert secure.start_tls is False
    assert of("smtp://u:p@mail.example").start_tls is True, "a password goes over TLS only"
    assert of("smtp://u:p@127.0.0.1:25").start_tls is None
    assert of("smtp://mail.example").start_tls is None
    for wrong in ("mail.example", "http://mail.example", "smtp://"):
        with pytest.raises(ValueError, match="CLOSIENT_SMTP_URL"):
            of(wrong)
