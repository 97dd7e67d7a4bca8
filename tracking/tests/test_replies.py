"""Real replies of mail providers and servers, and the reason each gives."""

# ruff: noqa: E501 (replies are as long as they are)
from __future__ import annotations

import pytest

from tracking.choices import Disposition, QuarantineKind
from tracking.reasons import READS_REPLY, codes_of_reply, reason_for
from tracking.reasons.rules import REPLY_CODES

HOST = "host mx.far.example[192.0.2.25] said: "
RCPT, DATA, MAIL = (f" (in reply to {name})" for name in ("RCPT TO command", "end of DATA command", "MAIL FROM command"))  # fmt: skip
LOCAL = "host 127.0.0.1[127.0.0.1] said: "
STORE = "host mx1.isp.example[private/dovecot-lmtp] said: "
REFUSED = "host mx.far.example[192.0.2.25] refused to talk to me: "

BOUNCED = [
    # Gmail
    ("BNC_NO_USER", HOST + "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos or 550-5.1.1 unnecessary spaces. For more information, go to 550 5.1.1  https://support.google.com/mail/?p=NoSuchUser d2e1a72fcca58-abc.1 - gsmtp" + RCPT),
    ("BNC_DISABLED", HOST + "550-5.2.1 The email account that you tried to reach is inactive. For more 550-5.2.1 information, go to 550 5.2.1  https://support.google.com/mail/?p=DisabledUser a1si123.45 - gsmtp" + RCPT),
    ("BNC_FULL", HOST + "552-5.2.2 The recipient's inbox is out of storage space and inactive. Please 552-5.2.2 direct the recipient to 552 5.2.2  https://support.google.com/mail/?p=OverQuotaPerm a1si123.45 - gsmtp" + RCPT),
    ("BNC_AUTHN", HOST + "550-5.7.26 Your email has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. 550-5.7.26 550-5.7.26  Authentication results: 550-5.7.26  DKIM = did not pass 550-5.7.26  SPF [satu.example] with ip: [192.0.2.1] = did not pass 550 5.7.26 https://support.google.com/mail/answer/81126#authentication a1si1.2 - gsmtp" + DATA),
    ("BNC_AUTHN", HOST + "550-5.7.26 Unauthenticated email from satu.example is not accepted due to domain's 550-5.7.26 DMARC policy. Please contact the administrator of satu.example domain if 550 5.7.26 this was a legitimate mail. a1si1.2 - gsmtp" + DATA),
    ("BNC_AUTHN", HOST + "550-5.7.27 Your email has been blocked because the sender is unauthenticated. 550 5.7.27 SPF check did not pass. a1si1.2 - gsmtp" + DATA),
    ("BNC_AUTHN", HOST + "550-5.7.1 This message does not have authentication information or fails to 550-5.7.1 pass authentication checks. To best protect our users from spam, the 550-5.7.1 message has been blocked. a1si1.2 - gsmtp" + DATA),
    ("BNC_REPUTATION", HOST + "550-5.7.25 [192.0.2.1] The IP address sending this message does not have a 550-5.7.25 PTR record setup, or the corresponding forward DNS entry does not match 550 5.7.25 the sending IP. a1si1.2 - gsmtp" + DATA),
    ("BNC_REPUTATION", HOST + "550-5.7.1 [192.0.2.1      19] Our system has detected that this message is 550-5.7.1 suspicious due to the very low reputation of the sending IP address. 550-5.7.1 To best protect our users from spam, the message has been blocked. a1si1.2 - gsmtp" + DATA),
    ("BNC_REPUTATION", HOST + "550-5.7.28 [192.0.2.1      15] Our system has detected an unusual rate of 550-5.7.28 unsolicited mail originating from your IP address. To protect our 550 5.7.28 users from spam, mail sent from your IP address has been blocked. a1si1.2 - gsmtp" + DATA),
    ("BNC_CONTENT", HOST + "550-5.7.1 [192.0.2.1      12] Gmail has detected that this message is likely 550-5.7.1 suspicious due to the very low reputation of the sending domain. To best 550-5.7.1 protect our users from spam, the message has been blocked. a1si1.2 - gsmtp" + DATA),
    ("BNC_CONTENT", HOST + "550-5.7.1 [192.0.2.1] Our system has detected that this message is likely 550-5.7.1 unsolicited mail. To reduce the amount of spam sent to Gmail, this 550-5.7.1 message has been blocked. a1si1.2 - gsmtp" + DATA),
    ("BNC_CONTENT", HOST + "552-5.7.0 This message was blocked because its content presents a potential 552-5.7.0 security issue. Please visit 552 5.7.0  https://support.google.com/mail/?p=BlockedMessage a1si1.2 - gsmtp" + DATA),
    ("BNC_SIZE", HOST + "552-5.3.4 Your message exceeded Google's message size limits. For more information, visit 552 5.3.4 https://support.google.com/mail/?p=MaxSizeError a1si1.2 - gsmtp" + DATA),
    ("UNKNOWN", HOST + "550-5.2.1 The user you are trying to contact is receiving mail at a rate that 550-5.2.1 prevents additional messages from being delivered. a1si1.2 - gsmtp" + RCPT),
    # Microsoft: Outlook.com and Exchange Online
    ("BNC_NO_USER", HOST + "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [SG2APC01FT0033.eop-APC01.prod.protection.outlook.com 2026-11-24T09:00:00.000Z 08DE2A]" + RCPT),
    ("BNC_NO_USER", HOST + "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient budi@far.example not found by SMTP address lookup" + DATA),
    ("BNC_NO_USER", HOST + "550 5.4.1 Recipient address rejected: Access denied. For more information see https://aka.ms/EXOSmtpErrors [DB5EUR02FT036.eop-EUR02.prod.protection.outlook.com 2026-11-24T09:00:00.000Z 08DE2A]" + RCPT),
    ("BNC_NO_USER", HOST + "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [AM6EUR05FT012.eop-eur05.prod.protection.outlook.com]" + RCPT),
    ("BNC_FULL", HOST + "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded" + DATA),
    ("BNC_REPUTATION", HOST + "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140). You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors. [HE1EUR04FT046.eop-eur04.prod.protection.outlook.com]" + MAIL),
    ("BNC_REPUTATION", HOST + "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150). [HK2APC01FT111.eop-APC01.prod.protection.outlook.com]" + MAIL),
    ("BNC_REPUTATION", HOST + "550 SC-001 (BAY004-MC1F38) Unfortunately, messages from 192.0.2.1 weren't sent. Please contact your Internet service provider since part of their network is on our block list." + MAIL),
    ("BNC_REPUTATION", HOST + "550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit https://sender.office.com/ and follow the directions. For more information please go to http://go.microsoft.com/fwlink/?LinkID=526655 AS(16012609) [DB3EUR04FT012.eop-eur04.prod.protection.outlook.com]" + RCPT),
    ("BNC_REPUTATION", HOST + "550 5.7.511 Access denied, banned sender[192.0.2.1]. To request removal from this list please forward this message to delist@messaging.microsoft.com. For more information please go to http://go.microsoft.com/fwlink/?LinkId=526653. AS(1410)" + RCPT),
    ("BNC_REPUTATION", HOST + "550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/192.0.2.1 AS(1450)" + RCPT),
    ("BNC_REPUTATION", HOST + "550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using FBLW15; To request removal from this list please forward this message to delist@messaging.microsoft.com" + RCPT),
    ("BNC_REPUTATION", HOST + "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP. For more information please go to http://go.microsoft.com/fwlink/?LinkId=526653 AS(7230)" + RCPT),
    ("BNC_AUTHN", HOST + "550 5.7.509 Access denied, sending domain [SATU.EXAMPLE] does not pass DMARC verification and has a DMARC policy of reject. [AM6EUR05FT012.eop-eur05.prod.protection.outlook.com]" + DATA),
    ("BNC_AUTHN", HOST + "550 5.7.515 Access denied, sending domain satu.example doesn't meet the required authentication level. The sender's domain in the 5322.From address doesn't meet the authentication requirements defined for the sender." + DATA),
    ("BNC_AUTHN", HOST + "550 5.7.23 The message was rejected because of Sender Policy Framework violation -> 550 5.7.23 SPF fail" + DATA),
    ("BNC_POLICY", HOST + "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group" + DATA),
    ("BNC_POLICY", HOST + "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required [Stage: CreateMessage]" + DATA),
    ("BNC_POLICY", HOST + "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized" + DATA),
    ("BNC_POLICY", HOST + "550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy" + DATA),
    ("BNC_RELAY", HOST + "550 5.7.64 TenantAttribution; Relay Access Denied [AM6EUR05FT012.eop-eur05.prod.protection.outlook.com]" + RCPT),
    ("BNC_RELAY", HOST + "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain" + RCPT),
    ("BNC_RELAY", HOST + "550 5.7.1 Unable to relay" + RCPT),
    ("BNC_NO_USER", HOST + "550 5.1.1 User unknown" + RCPT),
    ("BNC_NO_USER", HOST + "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found" + DATA),
    ("BNC_LOOP", HOST + "554 5.4.14 Hop count exceeded - possible mail loop ATTR34 [AM6EUR05FT012.eop-eur05.prod.protection.outlook.com]" + DATA),
    ("BNC_SIZE", HOST + "550 5.2.3 Message too large for this recipient" + DATA),
    ("BNC_SIZE", HOST + "552 5.3.4 Message size exceeds fixed maximum message size" + MAIL),
    ("BNC_CONTENT", HOST + "550 5.7.1 Message rejected as spam by Content Filtering." + DATA),
    # Yahoo
    ("BNC_NO_USER", HOST + "554 delivery error: dd This user doesn't have a yahoo.com account (budi@yahoo.com) [0] - mta4191.mail.bf1.yahoo.com" + DATA),
    ("BNC_NO_USER", HOST + "554 delivery error: dd Not a valid recipient - atlas-production.v2-mail-prod1-gq1.omega.yahoo.com" + DATA),
    ("BNC_NO_USER", HOST + "552 1 Requested mail action aborted, mailbox not found" + DATA),
    ("BNC_POLICY", HOST + "554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes" + DATA),
    ("BNC_AUTHN", HOST + "554 5.7.9 Message not accepted for policy reasons. DMARC: See https://postmaster.yahooinc.com/error-codes" + DATA),
    ("BNC_REPUTATION", REFUSED + "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list; see https://postmaster.yahooinc.com/error-codes"),
    ("BNC_FULL", HOST + "552 5.2.2 This user <budi@far.example> has exceeded the mailbox quota" + RCPT),
    # Apple iCloud
    ("BNC_NO_USER", HOST + "550 5.1.1 <budi@far.example>: user does not exist" + RCPT),
    ("BNC_POLICY", HOST + "550 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137" + DATA),
    ("BNC_POLICY", HOST + "554 5.7.1 [HM08] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137" + DATA),
    ("BNC_REPUTATION", HOST + "554 5.7.1 [HVI] Your IP address 192.0.2.1 is blocked. Please visit https://support.apple.com/en-us/HT204137" + MAIL),
    ("BNC_AUTHN", HOST + "554 5.7.1 Your message was rejected due to satu.example's DMARC policy. See https://support.apple.com/en-us/HT204137 for info" + DATA),
    ("BNC_CONTENT", HOST + "554 5.7.1 Your message was rejected due to having a domain present in the Spamhaus DBL -- see https://www.spamhaus.org/dbl/ for info" + DATA),
    ("BNC_FULL", HOST + "552 5.2.2 <budi@far.example>: user is over quota" + RCPT),
    # Proofpoint, Mimecast, Barracuda, Cisco, Trend Micro, Sophos
    ("BNC_REPUTATION", REFUSED + "554 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.1"),
    ("BNC_REPUTATION", HOST + "550 5.7.0 Local Policy Violation - Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1" + RCPT),
    ("BNC_NO_USER", HOST + "550 5.1.1 <budi@far.example>: Recipient address rejected: User unknown" + RCPT),
    ("BNC_CONTENT", HOST + "554 5.7.0 Message is infected" + DATA),
    ("BNC_CONTENT", HOST + "550 5.7.0 Message considered spam and rejected" + DATA),
    ("BNC_AUTHN", HOST + "550 Rejected by header based Anti-Spoofing policy: budi@satu.example - https://community.mimecast.com/docs/DOC-1369#550 [abc.uk1]" + DATA),
    ("BNC_AUTHN", HOST + "550 DMARC Sender Invalid - envelope rejected - https://community.mimecast.com/docs/DOC-1369#550 [abc.uk1]" + RCPT),
    ("BNC_AUTHN", HOST + "550 SPF Sender Invalid - envelope rejected - https://community.mimecast.com/docs/DOC-1369#550 [abc.uk1]" + RCPT),
    ("BNC_NO_USER", HOST + "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [abc.uk1]" + RCPT),
    ("BNC_SENDER", HOST + "550 Administrative prohibition - envelope sender blocked - https://community.mimecast.com/docs/DOC-1369#550 [abc.uk1]" + RCPT),
    ("UNKNOWN", HOST + "550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550 [abc.uk1]" + RCPT),
    ("BNC_REPUTATION", HOST + "554 Email rejected due to security policies, listed in RBL - https://community.mimecast.com/docs/DOC-1369#554 [abc.uk1]" + RCPT),
    ("BNC_POLICY", HOST + "554 Email rejected due to security policies - https://community.mimecast.com/docs/DOC-1369#554 [abc.uk1]" + DATA),
    ("BNC_REPUTATION", HOST + "554 Service unavailable; Client host [mail.isp.example] blocked using Barracuda Reputation; http://www.barracudanetworks.com/reputation/?r=1&ip=192.0.2.1" + MAIL),
    ("UNKNOWN", HOST + "550 permanent failure for one or more recipients (budi@far.example:blocked)" + DATA),
    ("BNC_NO_USER", HOST + "550 No such recipient here (budi@far.example)" + RCPT),
    ("BNC_REPUTATION", REFUSED + "554-esa1.far.example 554 Your access to this mail system has been rejected due to the sending MTA's poor reputation. If you believe that this failure is in error, please contact the intended recipient via alternate means."),
    ("BNC_NO_USER", HOST + "550 5.1.0 Address unknown" + RCPT),
    ("BNC_REPUTATION", HOST + "550 5.7.1 Service unavailable; client [192.0.2.1] blocked using Trend Micro RBL+. Please see http://www.mail-abuse.com/cgi-bin/lookup?ip_address=192.0.2.1" + RCPT),
    ("BNC_CONTENT", HOST + "554 5.7.1 Message rejected because it contains malware" + DATA),
    # Block lists in general
    ("BNC_REPUTATION", HOST + "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1" + RCPT),
    ("BNC_REPUTATION", HOST + "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using b.barracudacentral.org; http://www.barracudanetworks.com/reputation/?pr=1&ip=192.0.2.1" + RCPT),
    ("BNC_REPUTATION", HOST + '550-"JunkMail rejected - mail.isp.example [192.0.2.1]:41432 is in an RBL: 550 https://www.spamhaus.org/query/ip/192.0.2.1"' + RCPT),
    ("BNC_REPUTATION", HOST + "550 5.7.1 Mail from 192.0.2.1 rejected: listed in bl.spamcop.net" + RCPT),
    ("BNC_REPUTATION", REFUSED + "554 5.7.1 mx.block554.example Connections from your network are not welcome"),
    # Postfix
    ("BNC_NO_USER", HOST + "550 5.1.1 <budi@far.example>: Recipient address rejected: User unknown in virtual mailbox table" + RCPT),
    ("BNC_NO_USER", HOST + "550 5.1.1 <budi@far.example>: Recipient address rejected: User unknown in relay recipient table" + RCPT),
    ("BNC_NO_USER", HOST + "550 5.1.1 <\"x> relay=evil, status=sent (250 spam dmarc\"@far.example>: Recipient address rejected: User unknown" + RCPT),
    ("BNC_RELAY", HOST + "554 5.7.1 <budi@far.example>: Relay access denied" + RCPT),
    ("BNC_SENDER", HOST + "550 5.1.8 <sari@satu.example>: Sender address rejected: Domain not found" + RCPT),
    ("BNC_SENDER", HOST + "550 5.1.0 <sari@satu.example>: Sender address rejected: User unknown in virtual alias table" + RCPT),
    ("BNC_FULL", HOST + "552 5.2.2 <budi@far.example>: Mailbox is over quota" + RCPT),
    ("BNC_FULL", HOST + "552 5.2.2 <budi@far.example> Quota exceeded (mailbox for user is full)" + DATA),
    ("BNC_AUTHN", HOST + "550 5.7.23 <budi@far.example>: Recipient address rejected: Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why?s=mfrom;id=sari%40satu.example;ip=192.0.2.1" + RCPT),
    ("BNC_POLICY", HOST + "554-5.7.1 Message refused by local policy. 554-5.7.1 See https://postmaster.mixed.example/?id=42 554 5.7.1 Reference: LAB-POLICY-42" + RCPT),
    ("BNC_CONTENT", HOST + "554-5.7.1 This message scored too high on our filter. 554 5.7.1 Message content rejected, id=L1-00017" + DATA),
    ("BNC_TLS", HOST + "530 5.7.0 Must issue a STARTTLS command first" + MAIL),
    ("BNC_SIZE", HOST + "552 5.3.4 Message size exceeds fixed limit" + MAIL),
    ("BNC_SIZE", "message size 31234567 exceeds size limit 20480000 of server mx.far.example[192.0.2.25]"),
    ("BNC_NO_DOMAIN", "Host or domain name not found. Name service error for name=nowhere.example type=A: Host not found"),
    ("BNC_NO_DOMAIN", "Host or domain name not found. Name service error for name=mx.noaddr.example type=AAAA: Host not found"),
    ("BNC_NO_DOMAIN", "Domain nullmx.example does not accept mail (nullMX)"),
    ("BNC_LOOP", "mail for loop.example loops back to myself"),
    ("BNC_LOOP", "too many hops"),
    ("BNC_SMTPUTF8", "SMTPUTF8 is required, but was not offered by host mx.noutf8.example[192.0.2.18]"),
    ("REJ_UNKNOWN_RCPT", 'unknown user: "budi"'),
    ("BNC_FULL", "maildir delivery failed: create maildir file /var/mail/b/tmp/1.P2.mx1: Disk quota exceeded"),
    ("REJ_UNKNOWN_RCPT", STORE + "550 5.1.1 <budi@satu.example> User doesn't exist: budi@satu.example" + RCPT),
    ("BNC_FULL", STORE + "552 5.2.2 <budi@satu.example> Quota exceeded (mailbox for user is full)" + DATA),
    # Exim, cPanel
    ("BNC_NO_USER", HOST + "550 No Such User Here" + RCPT),
    ("BNC_NO_USER", HOST + '550 "No Such User Here"' + RCPT),
    ("BNC_NO_USER", HOST + "550 Unrouteable address" + RCPT),
    ("BNC_NO_USER", HOST + "550 Unknown user" + RCPT),
    ("BNC_SENDER", HOST + "550-Verification failed for <sari@satu.example> 550-No Such User Here 550 Sender verify failed" + RCPT),
    ("BNC_RELAY", HOST + "550 relay not permitted" + RCPT),
    ("BNC_RELAY", HOST + "550-Please turn on SMTP Authentication in your mail client. 550-mail.isp.example [192.0.2.1]:5100 is not permitted to relay 550 through this server without authentication." + RCPT),
    ("BNC_CONTENT", HOST + "550 This message was classified as SPAM and may not be delivered" + DATA),
    ("BNC_SIZE", HOST + "552 Message size exceeds maximum permitted" + MAIL),
    ("UNKNOWN", HOST + "550 Administrative prohibition" + RCPT),
    # Sendmail, qmail, Zimbra, others
    ("BNC_NO_USER", HOST + "550 5.1.1 <budi@far.example>... User unknown" + RCPT),
    ("BNC_SENDER", HOST + "553 5.1.8 <sari@satu.example>... Domain of sender address sari@satu.example does not exist" + MAIL),
    ("BNC_RELAY", HOST + "550 5.7.1 <budi@far.example>... Relaying denied" + RCPT),
    ("BNC_NO_DOMAIN", HOST + "550 5.1.2 <budi@far.example>... Host unknown (Name server: far.example: host not found)" + RCPT),
    ("BNC_NO_USER", HOST + "550 sorry, no mailbox here by that name (#5.1.1)" + RCPT),
    ("BNC_NO_USER", HOST + "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)" + RCPT),
    ("BNC_RELAY", HOST + "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)" + RCPT),
    ("BNC_SIZE", HOST + "552 sorry, that message size exceeds my databytes limit (#5.3.4)" + DATA),
    ("BNC_FULL", HOST + "552 5.2.2 Over quota" + DATA),
    ("BNC_NO_USER", HOST + "550 5.1.1 User not found: budi@far.example" + RCPT),
    ("BNC_NO_USER", HOST + "550 Requested action not taken: mailbox unavailable For explanation visit https://postmaster.gmx.net/en/error-messages?ip=192.0.2.1&c=rip" + RCPT),
    ("BNC_DISABLED", HOST + "550 5.2.1 The email account that you tried to reach is disabled" + RCPT),
    ("BNC_DISABLED", HOST + "550 Account disabled" + RCPT),
    ("BNC_FULL", HOST + "550 Mailbox is full / Blocks limit exceeded / Inode limit exceeded" + RCPT),
    # Our own filter, before and after the queue
    ("BLOCKED_RULE", LOCAL + "554 5.7.1 Rejected for policy reasons (21C0A96B055BCC516C5)" + DATA),
    ("BLOCKED_RULE", LOCAL + "554 5.7.0 Reject, id=00453-02-14 - INFECTED: Eicar-Test-Signature" + DATA),
    ("BNC_NO_USER", LOCAL + "554 5.1.1 id=00453-02-14, from MTA(smtp:[127.0.0.1]:10025): 550 5.1.1 <budi@far.example>: Recipient address rejected: User unknown" + DATA),
    ("UNKNOWN", LOCAL + "501 5.5.2 Syntax: MAIL FROM: <address>" + MAIL),
    # Others: GMX and IONOS, Mail.ru, QQ, AOL, Zoho, cPanel
    ("BNC_SENDER", HOST + "550-Requested action not taken: mailbox unavailable 550 invalid DNS MX or A/AAAA resource record" + MAIL),
    ("BNC_REPUTATION", REFUSED + "554-gmx.net (mxgmx016) Nemesis ESMTP Service not available 554-No SMTP service 554 Bad DNS PTR resource record."),
    ("BNC_POLICY", HOST + "554-Transaction failed 554-Reject due to policy restrictions. 554 For explanation visit https://postmaster.gmx.net/en/error-messages?ip=192.0.2.1&c=hi" + DATA),
    ("BNC_CONTENT", HOST + "550 spam message rejected. Please visit http://help.mail.ru/notspam-support/id?c=ABC-1 or report details to abuse@corp.mail.ru. Error code: ABC." + DATA),
    ("BNC_NO_USER", HOST + "550 Message was not accepted -- invalid mailbox. Local mailbox budi@far.example is unavailable: user not found" + RCPT),
    ("BNC_DISABLED", HOST + "550 Message was not accepted -- invalid mailbox. Local mailbox budi@far.example is unavailable: account is disabled" + RCPT),
    ("BNC_NO_USER", HOST + "550 The recipient may contain a non-existent account, please check the recipient address. [Mx1]" + RCPT),
    ("BNC_CONTENT", HOST + "550 Mail content denied. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022" + DATA),
    ("UNKNOWN", HOST + "550 Mailbox unavailable or access denied [Mx1]" + RCPT),
    ("UNKNOWN", HOST + "521 5.2.1 :  AOL will not accept delivery of this message." + DATA),
    ("UNKNOWN", HOST + "541 5.4.1 Mail rejected by destination domain" + DATA),
    ("UNKNOWN", HOST + "550 User has exceeded the daily sending quota" + MAIL),
    ("UNKNOWN", HOST + "550 5.7.1 Recipient address is blocked"),
    ("BNC_SENDER", HOST + "550 Sender address blocked by the recipient" + MAIL),
    ("BNC_SENDER", HOST + "550 Message was not accepted -- invalid mail domain" + MAIL),
    ("BNC_NO_DOMAIN", HOST + "556 5.1.10 Recipient address has null MX" + RCPT),
    ("BNC_POLICY", HOST + "550 5.7.124 The group only accepts messages from people in its organization" + DATA),
    # Nothing to go by: never a guess
    ("UNKNOWN", ""),
    ("UNKNOWN", "no thanks"),
    ("UNKNOWN", HOST + "550 5.7.1 Refused"),
    ("UNKNOWN", HOST + "554 Transaction failed" + DATA),
    ("UNKNOWN", HOST + "550 5.0.0 Rejected by mx.spf.example, see tls.dmarc.example" + DATA),
    ("UNKNOWN", "host spam.quota.example[192.0.2.1] said: 550 5.0.0 Rejected" + DATA),
    ("UNKNOWN", HOST + "550 5.7.1 Mail refused, see https://mx.example/spf/dmarc/virus" + DATA),
]  # fmt: skip

DEFERRED = [
    ("BNC_FULL", HOST + "452-4.2.2 The recipient's inbox is out of storage space. Please direct the 452-4.2.2 recipient to 452 4.2.2  https://support.google.com/mail/?p=OverQuotaTemp a1si1.2 - gsmtp" + RCPT),
    ("BNC_FULL", HOST + "452 4.2.2 <budi@far.example>: mailbox full, try again later" + RCPT),
    ("DEF_REMOTE_BUSY", HOST + "450-4.2.1 The user you are trying to contact is receiving mail too quickly. 450-4.2.1 Please resend your message at a later time. a1si1.2 - gsmtp" + RCPT),
    ("BNC_REPUTATION", HOST + "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from 421-4.7.28 your IP address. To protect our users from spam, mail sent from your IP 421-4.7.28 address has been temporarily rate limited. a1si1.2 - gsmtp" + DATA),
    ("BNC_REPUTATION", HOST + "421-4.7.0 [192.0.2.1      15] Our system has detected that this message is 421-4.7.0 suspicious due to the very low reputation of the sending IP address. a1si1.2 - gsmtp" + DATA),
    ("BNC_REPUTATION", HOST + "421-4.7.0 This message is suspicious due to the nature of the content or the links. 421-4.7.0 The sending IP address has a bad reputation. a1si1.2 - gsmtp" + DATA),
    ("BNC_AUTHN", HOST + "421-4.7.26 Your email has been rate limited because it is unauthenticated. Gmail 421-4.7.26 requires all senders to authenticate with either SPF or DKIM. a1si1.2 - gsmtp" + DATA),
    ("BNC_REPUTATION", HOST + "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]" + RCPT),
    ("DEF_REMOTE_BUSY", HOST + "421 4.3.0 Temporary System Problem.  Try again later. a1si1.2 - gsmtp" + DATA),
    ("BNC_REPUTATION", HOST + "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S775) [PSAAPC01FT027.eop-APC01.prod.protection.outlook.com]" + MAIL),
    ("BNC_REPUTATION", HOST + "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719) [DB8EUR05FT011.eop-eur05.prod.protection.outlook.com]" + RCPT),
    ("DEF_REMOTE_BUSY", HOST + "451 4.7.0 Temporary server error. Please try again later. PRX2 [SG2PR01CA0120.apcprd01.prod.exchangelabs.com]" + DATA),
    ("DEF_REMOTE_BUSY", HOST + "452 4.3.1 Insufficient system resources" + MAIL),
    ("DEF_REMOTE_BUSY", HOST + "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded" + DATA),
    ("DEF_REMOTE_BUSY", HOST + "452 4.5.3 Too many recipients (AS780090) [DB8EUR05FT011.eop-eur05.prod.protection.outlook.com]" + RCPT),
    ("BNC_REPUTATION", REFUSED + "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes"),
    ("BNC_REPUTATION", REFUSED + "421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed. See https://postmaster.yahooinc.com/error-codes"),
    ("DEF_REMOTE_BUSY", HOST + "451 4.3.2 System not accepting network messages, try later" + DATA),
    ("DEF_REMOTE_BUSY", REFUSED + "421 4.7.0 mx1.telconet.example Too many connections from 192.0.2.1, try again later"),
    ("DEF_REMOTE_BUSY", REFUSED + "421 4.3.2 mx.down421.example Service shutting down, please retry later"),
    ("DEF_REMOTE_BUSY", HOST + "451 4.3.2 <budi@far.example>: mailbox is being moved, try again later" + RCPT),
    ("DEF_REMOTE_BUSY", HOST + "451 4.3.0 <budi@far.example>: Temporary lookup failure" + RCPT),
    ("DEF_REMOTE_BUSY", HOST + "451 Temporary local problem - please try later" + RCPT),
    ("DEF_GREYLIST", HOST + "450 4.7.1 <budi@far.example>: Recipient address rejected: Greylisted, see http://grey.example/help" + RCPT),
    ("DEF_GREYLIST", HOST + "450 4.2.0 <budi@far.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/far.example.html" + RCPT),
    ("DEF_GREYLIST", HOST + "451 4.7.1 Greylisting in action, please come back later" + RCPT),
    ("DEF_GREYLIST", HOST + "451 Resources temporarily not available - greylisted, please try again later" + RCPT),
    ("BNC_REPUTATION", REFUSED + "554 5.7.1 mx.block554.example Connections from your network are not welcome"),
    ("UNKNOWN", HOST + "450 4.1.1 <budi@far.example>: Recipient address rejected: unverified address: Address verification in progress" + RCPT),
    ("DEF_DNS", "Host or domain name not found. Name service error for name=servfail.example type=MX: Host not found, try again"),
    ("DEF_DNS", "Host or domain name not found. Name service error for name=spam.tls.example type=MX: Host not found, try again"),
    ("DEF_TIMEOUT", "connect to mx.far.example[192.0.2.25]:25: Connection timed out"),
    ("DEF_TIMEOUT", "connect to mx.tls.example[192.0.2.25]:25: Connection refused"),
    ("DEF_TIMEOUT", "connect to mx.far.example[2001:db8::25]:25: Network is unreachable"),
    ("DEF_TIMEOUT", "delivery temporarily suspended: connect to mx.far.example[192.0.2.25]:25: No route to host"),
    ("DEF_TIMEOUT", "conversation with mx.silent.example[192.0.2.25] timed out while receiving the initial server greeting"),
    ("DEF_TIMEOUT", "lost connection with mx.dropper.example[192.0.2.25] while sending end of data -- message may be sent more than once"),
    ("DEF_TLS", "TLS is required, but was not offered by host mx.far.example[192.0.2.25]"),
    ("DEF_TLS", "Server certificate not trusted"),
    ("DEF_TLS", "Cannot start TLS: handshake failure"),
    ("DEF_TLS", HOST + "454 4.7.0 TLS not available due to local problem" + MAIL),
    ("DEF_LOCAL", "mail transport unavailable"),
    ("DEF_LOCAL", STORE + "451 4.3.0 <budi@satu.example> Temporary internal error" + DATA),
    ("DEF_LOCAL", "TLS is required, but our TLS engine is unavailable"),
    ("IN_FILTER", "connect to 127.0.0.1[127.0.0.1]:10024: Connection refused"),
    ("IN_FILTER", "delivery temporarily suspended: connect to 127.0.0.1[127.0.0.1]:10024: Connection refused"),
    ("IN_FILTER", "conversation with 127.0.0.1[127.0.0.1] timed out while receiving the initial server greeting"),
    ("IN_FILTER", LOCAL + "451 4.4.0 detected undelivered mail to <dora@far.example>" + DATA),
    ("IN_FILTER", LOCAL + "451 4.5.0 Error in processing, id=00453-02, virus_scan FAILED: ClamAV-clamd" + DATA),
    ("DEF_REMOTE_BUSY", HOST + "452 4.1.1 <budi@far.example> requested action aborted: try again later" + RCPT),
    ("DEF_REMOTE_BUSY", REFUSED + "421 4.7.0 Too many connections from your IP address, slow down"),
    ("DEF_GREYLIST", HOST + "451 4.7.1 Your IP address is greylisted for 300 seconds" + RCPT),
    ("DEF_REMOTE_BUSY", HOST + "421 4.7.0 Try again later, closing connection. a1si1.2 - gsmtp" + MAIL),
    ("BNC_RELAY", HOST + "454 4.7.1 <budi@far.example>: Relay access denied" + RCPT),
    ("BNC_REPUTATION", HOST + "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]" + RCPT),
    ("UNKNOWN", HOST + "450 4.7.1 Access denied for now"),
    ("UNKNOWN", ""),
]  # fmt: skip


@pytest.mark.parametrize(("code", "reply"), BOUNCED)
def test_it_knows_why_a_mail_was_refused(code: str, reply: str) -> None:
    assert reason_for(Disposition.BOUNCED, QuarantineKind.NONE, "", reply).code == code


@pytest.mark.parametrize(("code", "reply"), DEFERRED)
def test_it_knows_why_a_mail_waits(code: str, reply: str) -> None:
    assert reason_for(Disposition.DEFERRED, QuarantineKind.NONE, "", reply).code == code


def test_every_code_of_a_reply_has_an_example() -> None:
    assert {code for code, _ in BOUNCED + DEFERRED} == REPLY_CODES
    assert len(BOUNCED + DEFERRED) >= 190


@pytest.mark.parametrize("template", ["\x1a" * 300, "host " + "a." * 290, "550 " + "x " * 298])
def test_it_takes_any_template(template: str) -> None:
    assert set(codes_of_reply(template)) == READS_REPLY
