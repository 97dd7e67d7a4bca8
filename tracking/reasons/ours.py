"""Reasons that lie with us: what we delivered, hold, stopped, refused or still have."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tracking.reasons.reason import Actor, Reason, by_code

OURS = by_code(
    [
        Reason(
            "DELIVERED_REMOTE",
            Actor.RECIPIENT,
            _("The other server took it."),
            _(
                "We handed the mail to the recipient's mail system, and that system confirmed that "
                "it took it. From then on the recipient's provider is responsible for it."
            ),
            _("Have the recipient look in the spam folder; offer the proof of delivery."),
        ),
        Reason(
            "DELIVERED_LOCAL",
            Actor.RECIPIENT,
            _("It is in the mailbox."),
            _(
                "The mail was put into the recipient's mailbox on our system. If it is not to be "
                "seen, a folder, a rule or another device may have moved or removed it."
            ),
            _("Have the recipient search all folders and look at the mailbox rules."),
        ),
        Reason(
            "HELD_SPAM",
            Actor.HELPDESK,
            _("We hold it: it looks like spam."),
            _(
                "Our spam filter took the mail for unwanted and keeps it in quarantine. It is not "
                "lost, and can be released if it is wanted."
            ),
            _("Look at it in the quarantine; release it, or request its release."),
        ),
        Reason(
            "HELD_VIRUS",
            Actor.ADMIN,
            _("We hold it: a virus was found."),
            _(
                "Our virus scanner found harmful content, so we keep the mail in quarantine. The "
                "sender should check the computer and send the mail again without the file."
            ),
            _("Do not release it. Tell the sender; only an administrator decides on viruses."),
        ),
        Reason(
            "HELD_ATTACH",
            Actor.HELPDESK,
            _("We hold an attachment of it."),
            _(
                "The mail carries an attachment of a kind that we do not pass on at once. We keep "
                "it in quarantine; it can be released after a look at it."
            ),
            _("Ask whether the attachment is expected; release it, or request its release."),
        ),
        Reason(
            "HELD_BANNED",
            Actor.HELPDESK,
            _("We hold it: its content is not allowed."),
            _(
                "The mail contains a kind of file that our rules do not allow. We keep it in "
                "quarantine. A link to the file, or another format, gets through."
            ),
            _("Ask whether the file is expected; request its release, or have a link sent."),
        ),
        Reason(
            "HELD_OTHER",
            Actor.HELPDESK,
            _("We hold it in quarantine."),
            _("We keep the mail in quarantine. It is not lost, and can be released."),
            _("Look at it in the quarantine; release it, or request its release."),
        ),
        Reason(
            "HELD_ADMIN",
            Actor.ADMIN,
            _("It is on hold in our queue."),
            _("An administrator of ours put the mail on hold. It waits with us and is not lost."),
            _("Ask the administrators why it is on hold and when it goes on."),
        ),
        Reason(
            "BLOCKED_RULE",
            Actor.ADMIN,
            _("One of our rules stopped it."),
            _(
                "A rule of our content filter stopped the mail, so it was not delivered. We check "
                "whether the rule was right for this mail."
            ),
            _("Have the administrators review the rule; it is named with the filter's verdict."),
        ),
        Reason(
            "DISCARDED",
            Actor.ADMIN,
            _("One of our rules threw it away."),
            _("A rule of our mail system discarded the mail. It was not delivered."),
            _("Have the administrators review the rule."),
        ),
        Reason(
            "DELETED",
            Actor.ADMIN,
            _("An administrator deleted it."),
            _("The mail was removed from our queue by hand. It has to be sent again."),
            _("Ask the administrators why; have the mail sent again."),
        ),
        Reason(
            "LOST",
            Actor.ADMIN,
            _("The log ends without saying what became of it."),
            _(
                "Our records of this mail end before it was handed on. The connection may have "
                "broken before we had all of it; then the sender's system tries again by itself."
            ),
            _("See the log lines. Was it sent again a moment later? If not, ask the sender to."),
        ),
        Reason(
            "REJ_RBL",
            Actor.SENDER,
            _("We refused it: the sending server is on a block list."),
            _(
                "We did not take the mail, because the server that sent it is on a public list of "
                "senders of unwanted mail. Its administrator must have it removed from that list."
            ),
            _("Give the name of the list in our reply; a request for an exception is possible."),
        ),
        Reason(
            "REJ_POLICY",
            Actor.SENDER,
            _("We refused it at the door: one of our rules."),
            _(
                "We did not take the mail, because a rule of our mail system did not allow it. The "
                "sender got a message with the exact reason."
            ),
            _("Read the exact words; ask the administrators if the rule seems wrong."),
        ),
        Reason(
            "REJ_SPF",
            Actor.SENDER,
            _("We refused it: the sending server may not send for that domain (SPF)."),
            _(
                "We did not take the mail: the owner of the sender's domain has published which "
                "servers may send for it, and this server is not one of them."
            ),
            _("The sender's administrator must add the server to the domain's SPF record."),
        ),
        Reason(
            "REJ_SENDER",
            Actor.SENDER,
            _("We refused it: the sender's domain does not exist or takes no mail."),
            _(
                "We did not take the mail, because the sender's address is not valid: its domain "
                "does not exist or takes no mail, so nobody could answer."
            ),
            _("The sender must correct the sender address in the mail program."),
        ),
        Reason(
            "REJ_SIZE",
            Actor.SENDER,
            _("We refused it: it is too big."),
            _("We did not take the mail, because it is bigger than we allow."),
            _("Have a link sent instead of the file, or the file in parts."),
        ),
        Reason(
            "REJ_TLS",
            Actor.SENDER,
            _("We refused it: the connection was not encrypted."),
            _("We did not take the mail, because the connection was not encrypted."),
            _("The sender must switch on encryption (TLS) in the mail program or server."),
        ),
        Reason(
            "REJ_PROTOCOL",
            Actor.SENDER,
            _("We refused it: the sending server breaks the rules of SMTP."),
            _(
                "We did not take the mail, because the server that sent it does not keep to the "
                "rules of mail delivery. Programs that send spam often do so."
            ),
            _("The sender's administrator must correct the server; give the exact words."),
        ),
        Reason(
            "REJ_GREYLIST",
            Actor.NOBODY,
            _("We asked the sending server to try again later."),
            _(
                "At the first contact we ask an unknown server to try again after some minutes. "
                "Every proper server does so by itself; the mail then arrives without delay in "
                "future."
            ),
            _("Wait some minutes and search again; the sender need not send it again."),
        ),
        Reason(
            "REJ_UNKNOWN_RCPT",
            Actor.SENDER,
            _("There is no such address with us."),
            _("The mail was refused, because there is no such address on our system."),
            _("Check the spelling; offer the customer's addresses that look like it."),
        ),
        Reason(
            "REJ_RELAY",
            Actor.CUSTOMER,
            _("We refused it: this client may not send to other domains through us."),
            _(
                "We did not take the mail, because it came from a connection that may not send "
                "through our server without logging in."
            ),
            _("Check the network, and the login in the mail program's settings."),
        ),
        Reason(
            "REJ_AUTH",
            Actor.CUSTOMER,
            _("We refused it: the login failed or is missing."),
            _("We did not take the mail, because the login with name and password did not work."),
            _("Check name and password; has somebody else been using them?"),
        ),
        Reason(
            "REJ_RATE",
            Actor.CUSTOMER,
            _("We refused it: too much in a short time."),
            _(
                "We did not take the mail, because too many mails or connections came within a "
                "short time. Sending goes on when the time is over."
            ),
            _("Is it a newsletter, or has the account been stolen? Limits go by service class."),
        ),
        Reason(
            "IN_QUEUE",
            Actor.ADMIN,
            _("It is still with us, on its way."),
            _("The mail reached us and is still on its way through our system."),
            _("Has it been here for more than some minutes? Then see the queue and its log."),
        ),
        Reason(
            "IN_FILTER",
            Actor.ADMIN,
            _("It waits for our content filter."),
            _(
                "The mail reached us and waits for our content filter. It is not lost; we deliver "
                "it as soon as the filter has looked at it."
            ),
            _("Tell the administrators at once: other mail waits, too."),
        ),
        Reason(
            "DEF_LOCAL",
            Actor.ADMIN,
            _("Our own system cannot deliver it now; it tries again."),
            _(
                "A part of our own system does not work at the moment, so the mail waits with us. "
                "It is not lost; we try again by ourselves."
            ),
            _("Tell the administrators; the exact words say which part it is."),
        ),
        Reason(
            "NEVER_SEEN",
            Actor.SENDER,
            _("It never reached us."),
            _(
                "There is no trace of this mail on our servers. It was not sent, or it was sent "
                "to another system."
            ),
            _("Ask the sender for the error message, or for the log of the sending server."),
        ),
    ]
)
