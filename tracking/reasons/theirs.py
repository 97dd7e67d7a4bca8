"""Reasons that lie with the other side: it refused the mail, or it has to be tried again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tracking.reasons.reason import Actor, Reason, by_code

THEIRS = by_code(
    [
        Reason(
            "BNC_NO_USER",
            Actor.CUSTOMER,
            _("There is no such address at the other side."),
            _(
                "The recipient's mail system says that it has no such address. Please check the "
                "spelling, or ask the recipient for the right address."
            ),
            _("Read the address out letter by letter; old address books are a common cause."),
        ),
        Reason(
            "BNC_DISABLED",
            Actor.RECIPIENT,
            _("The recipient's mailbox is switched off."),
            _(
                "The recipient's mail system knows the address, but the mailbox is closed or has "
                "not been used for a long time."
            ),
            _("Reach the recipient another way; only they or their provider can open it again."),
        ),
        Reason(
            "BNC_NO_DOMAIN",
            Actor.CUSTOMER,
            _("The recipient's domain does not exist or takes no mail."),
            _(
                "The part of the address after the @ does not exist or takes no mail. Please check "
                "the spelling."
            ),
            _("Check the domain for a slip of the pen; was it given up by its owner?"),
        ),
        Reason(
            "BNC_FULL",
            Actor.RECIPIENT,
            _("The recipient's mailbox is full."),
            _(
                "The recipient's mailbox is full and takes no more mail until the recipient has "
                "made room."
            ),
            _("Tell the recipient another way, by telephone for example; then send it again."),
        ),
        Reason(
            "BNC_REPUTATION",
            Actor.ADMIN,
            _("The other side refuses our server because of its reputation."),
            _(
                "The recipient's mail system does not accept mail from our server at the moment. "
                "This is our task: our administrators have the block removed or use another way."
            ),
            _("Urgent: tell the administrators. Other customers are affected, too."),
        ),
        Reason(
            "BNC_AUTHN",
            Actor.CUSTOMER,
            _("The sender's domain does not prove its mail (SPF, DKIM or DMARC)."),
            _(
                "The recipient's mail system could not verify that the mail really comes from the "
                "sender's domain. The domain's owner must publish the right SPF, DKIM and DMARC "
                "records."
            ),
            _("Give the customer the DNS records to publish; check that our relays are in SPF."),
        ),
        Reason(
            "BNC_SENDER",
            Actor.CUSTOMER,
            _("The other side does not accept the sender's address."),
            _(
                "The recipient's mail system does not accept the sender's address: it could not "
                "find the domain or the address, or does not want mail from it."
            ),
            _("Check the sender address in the mail program, and that its domain takes mail."),
        ),
        Reason(
            "BNC_SIZE",
            Actor.CUSTOMER,
            _("The mail is too big for the other side."),
            _("The mail is bigger than the recipient's mail system allows."),
            _("Have a link sent instead of the file, or the file in parts."),
        ),
        Reason(
            "BNC_CONTENT",
            Actor.CUSTOMER,
            _("The other side took it for spam or refused its content."),
            _(
                "The recipient's mail system refused the content of the mail: it took it for "
                "unwanted or harmful."
            ),
            _("Have links, attachments and wording changed, or the recipient allow the sender."),
        ),
        Reason(
            "BNC_POLICY",
            Actor.RECIPIENT,
            _("The rules of the other side do not allow this mail."),
            _(
                "The recipient's mail system has a rule that does not allow this mail. Its "
                "administrator can say which one, and make an exception."
            ),
            _("Give the exact words to the recipient's administrator. Are other mails refused?"),
        ),
        Reason(
            "BNC_RELAY",
            Actor.REMOTE,
            _("The other server says that it is not responsible for this domain."),
            _(
                "The server named for the recipient's domain says that it takes no mail for it. "
                "Something is wrong in the set-up of the recipient's domain."
            ),
            _("The recipient's administrator must correct the MX record or the server."),
        ),
        Reason(
            "BNC_LOOP",
            Actor.ADMIN,
            _("The mail went round in a circle."),
            _(
                "The mail was passed on between servers in a circle and was stopped. A forwarding "
                "or the set-up of a domain is wrong."
            ),
            _("Check forwardings and the MX record of the domain; ours may be the wrong one."),
        ),
        Reason(
            "BNC_TLS",
            Actor.ADMIN,
            _("The other side demands an encrypted connection."),
            _("The recipient's mail system takes mail over an encrypted connection only."),
            _("Tell the administrators: the relay must use TLS for this destination."),
        ),
        Reason(
            "BNC_SMTPUTF8",
            Actor.CUSTOMER,
            _("The other side knows no addresses in this script."),
            _(
                "An address of the mail has letters that the recipient's mail system does not "
                "support."
            ),
            _("Use an address in plain Latin letters, if there is one."),
        ),
        Reason(
            "DEF_GREYLIST",
            Actor.NOBODY,
            _("The other server makes new senders wait; we try again."),
            _(
                "The recipient's mail system makes new senders wait for some minutes. We try again "
                "by ourselves, and the mail then arrives."
            ),
            _("Wait; it normally arrives within half an hour."),
        ),
        Reason(
            "DEF_REMOTE_BUSY",
            Actor.NOBODY,
            _("The other server asks us to try again later; we do."),
            _(
                "The recipient's mail system cannot take the mail at the moment and asked us to "
                "try again later. We do so by ourselves; nothing is lost."
            ),
            _("Watch the mail; for a premium customer ask for a retry now."),
        ),
        Reason(
            "DEF_TIMEOUT",
            Actor.NOBODY,
            _("The other server does not answer; we try again."),
            _(
                "The recipient's mail system does not answer at the moment. We try again by "
                "ourselves for some days; nothing is lost."
            ),
            _("Watch the mail. If it lasts, the recipient should tell the provider."),
        ),
        Reason(
            "DEF_DNS",
            Actor.REMOTE,
            _("The recipient's domain could not be looked up; we try again."),
            _(
                "We cannot find out at the moment which server takes mail for the recipient's "
                "domain. We try again by ourselves."
            ),
            _("Check the spelling of the domain. If it is right, its name servers have a fault."),
        ),
        Reason(
            "DEF_TLS",
            Actor.ADMIN,
            _("No encrypted connection with the other server; we try again."),
            _(
                "The mail may only go over an encrypted connection, and the recipient's mail "
                "system does not offer a proper one at the moment. We try again by ourselves."
            ),
            _("Tell the administrators if it lasts: the certificate or the TLS policy is wrong."),
        ),
        Reason(
            "EXPIRED",
            Actor.CUSTOMER,
            _("We tried for days, gave up and told the sender."),
            _(
                "We tried for several days to deliver the mail, without success. Then we gave up "
                "and sent the sender a notification."
            ),
            _("See the last reply below. When its cause is gone, have the mail sent again."),
        ),
        Reason(
            "UNKNOWN",
            Actor.ADMIN,
            _("See the exact words of the other server."),
            _(
                "The other server gave an answer that we have no explanation for yet. Its exact "
                "words say more."
            ),
            _("Read the exact words. The reply is on the administrators' list of unknown ones."),
        ),
    ]
)
