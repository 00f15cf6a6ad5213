"""Letters: single ones, and a box of them."""

from dataclasses import dataclass
from email.message import EmailMessage

OWN = "meridian-freight.example"
BOUNDARY = "----meridian-freight-sample"


@dataclass(frozen=True, slots=True)
class Letter:
    sender: str
    to: str
    subject: str
    date: str
    text: str
    attachment: tuple[str, str] | None = None


BOX = (
    Letter(
        "Jonas Wirth <bookings@halden-line.example>",
        f"exports@{OWN}",
        "MV Halden Star: new ETD Rotterdam",
        "Mon, 29 Jun 2026 07:12:00 +0000",
        "Dear team,\n\nMV Halden Star arrives late from Antwerp. New ETD Rotterdam is Friday 3 July, 18:00 (was "
        "Wednesday"
        " 1 July).\nCut-off moves to Thursday 2 July, 12:00. This concerns your bookings MF-2701 and MF-2704.\n\n"
        "Regards\nJonas Wirth, Halden Line",
    ),
    Letter(
        "Jonas Wirth <bookings@halden-line.example>",
        f"exports@{OWN}",
        "MF-2704: one of three containers rolled",
        "Mon, 29 Jun 2026 13:40:00 +0000",
        "Dear team,\n\nof booking MF-2704 (3 x 40' HC to New York) only two containers are confirmed on MV Halden Star."
        "\nThe third one, HLDU 447120-3, is rolled to MV Halden Moon, ETD 10 July.\nPlease tell us by Tuesday "
        "17:00 whether"
        " you want all three moved together.\n\nRegards\nJonas Wirth, Halden Line",
    ),
    Letter(
        "Priya Nair <export@orion-carriers.example>",
        f"exports@{OWN}",
        "MF-2703: dangerous goods declaration missing",
        "Tue, 30 Jun 2026 06:05:00 +0000",
        "Good morning,\n\nfor MF-2703 (2 x 20' to Singapore, paint, UN 1263, class 3) we still miss the signed "
        "dangerous"
        " goods declaration.\nWithout it by Wednesday 1 July, 10:00 the booking is cancelled.\n\nPriya Nair, "
        "Orion Carriers",
    ),
    Letter(
        "Lena Brandt <lena.brandt@harbour-foods.example>",
        f"exports@{OWN}",
        "Change of quantity, your reference MF-2706",
        "Tue, 30 Jun 2026 09:31:00 +0000",
        "Hello,\n\nwe need four reefers instead of three for MF-2706 to Lagos, same week. Set point stays at -18 C.\n"
        "Can you confirm today?\n\nLena Brandt, Harbour Foods",
    ),
)
COMPLAINT = Letter(
    "Lena Brandt <lena.brandt@harbour-foods.example>",
    f"service@{OWN}",
    "Shipment S-1188: reefer arrived at -9 C",
    "Thu, 18 Jun 2026 15:22:00 +0000",
    "Dear Sir or Madam,\n\nreefer MFRU 220914-6 (shipment S-1188, frozen fish) was opened in Lagos at -9 C; we "
    "had agreed on"
    " -18 C.\nThe consignee refuses 11 of 24 pallets. We expect your proposal within five working days, and the "
    "log of the"
    " container.\n\nThis is the second time this year, after S-1042.\n\nLena Brandt\nHarbour Foods",
)
REMINDER = Letter(
    "Accounts <receivables@halden-line.example>",
    f"invoices@{OWN}",
    "Reminder: invoice HL-2291, 9 days overdue",
    "Mon, 22 Jun 2026 08:00:00 +0000",
    "Dear customer,\n\ninvoice HL-2291 of 14 May 2026 over EUR 18,640.00 was due on 13 June 2026.\nPlease pay "
    "within seven"
    " days, or tell us what keeps you from paying.\n\nHalden Line, Accounts receivable",
)
CHANGE = Letter(
    f"Operations desk <ops@{OWN}>",
    f"it@{OWN}",
    "Change request 412: customs gateway",
    "Fri, 26 Jun 2026 10:15:00 +0000",
    "Request: move the customs gateway from gw-02 to gw-03.\nReason: since Wednesday 24 June, messages of type "
    "EX-515 time"
    " out.\nWanted: Sunday 5 July, 06:00 to 08:00.\nWay back: switch the address back to gw-02.\nThe log of the "
    "morning is"
    " attached.",
    (
        "gateway.log",
        "2026-06-26T07:58:02Z gw-02 INFO  EX-515 sent id=88120\n"
        "2026-06-26T07:58:32Z gw-02 ERROR EX-515 timeout after 30 s id=88120 peer=10.20.4.11\n"
        "2026-06-26T08:04:17Z gw-02 WARN  queue length 214\n"
        "2026-06-26T08:05:01Z gw-02 ERROR TLS handshake failed: certificate expired 2026-06-24T00:00:00Z "
        "peer=10.20.4.11\n",
    ),
)


def eml(letter: Letter) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = letter.sender, letter.to, letter.subject
    message["Date"] = letter.date
    message["Message-ID"] = f"<{letter.date.replace(' ', '.').replace(',', '').replace(':', '')}@sample.example>"
    message.set_content(letter.text)
    if letter.attachment is not None:
        name, text = letter.attachment
        message.add_attachment(text, filename=name)
        message.set_boundary(BOUNDARY)
    return message.as_bytes()


def mbox(letters: tuple[Letter, ...] = BOX) -> bytes:
    return b"".join(b"From sample@example Mon Jun 29 08:00:00 2026\n" + eml(letter) + b"\n\n" for letter in letters)
