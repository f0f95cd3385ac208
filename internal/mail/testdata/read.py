"""Reads mails and calendars as other programs do, for the tests of this package.

Standard input is a JSON list of {"mail": base64} and {"calendar": base64};
standard output the list of what Python's own mail parser, and icalendar, make of
them.
"""
import base64
import email
import email.policy
import json
import sys

import icalendar


def read_mail(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts, defects = [], list(message.defects)
    for part in message.walk():
        defects += part.defects
        if part.is_multipart():
            parts.append({"type": part.get_content_type()})
            continue
        content = part.get_payload(decode=True)
        parts.append({
            "type": part.get_content_type(),
            "method": part.get_param("method"),
            "charset": part.get_content_charset(),
            "disposition": part.get_content_disposition(),
            "filename": part.get_filename(),
            "text": content.decode("utf-8"),
        })
    headers = {}
    for name, value in message.items():
        headers.setdefault(name.lower(), []).append(str(value))
        defects += value.defects
    return {"headers": headers, "parts": parts, "defects": [repr(d) for d in defects]}


def read_calendar(raw):
    calendar = icalendar.Calendar.from_ical(raw)
    events = []
    for event in calendar.walk("VEVENT"):
        attendee = event.get("ATTENDEE")
        events.append({
            "uid": str(event["UID"]),
            "sequence": int(event["SEQUENCE"]),
            "stamp": event["DTSTAMP"].dt.isoformat(),
            "start": event["DTSTART"].dt.isoformat(),
            "end": event["DTEND"].dt.isoformat(),
            "status": str(event["STATUS"]),
            "summary": str(event["SUMMARY"]),
            "description": str(event.get("DESCRIPTION", "")),
            "url": str(event.get("URL", "")),
            "organizer": str(event.get("ORGANIZER", "")),
            "attendee": str(attendee or ""),
            "attendeeParameters": dict(attendee.params) if attendee else {},
            "errors": [repr(e) for e in event.errors],
        })
    return {
        "method": str(calendar.get("METHOD", "")),
        "version": str(calendar["VERSION"]),
        "name": str(calendar.get("X-WR-CALNAME", "")),
        "events": events,
        "defects": [repr(e) for e in calendar.errors],
    }


def read(item):
    if "mail" in item:
        return read_mail(base64.b64decode(item["mail"]))
    return read_calendar(base64.b64decode(item["calendar"]))


json.dump([read(item) for item in json.load(sys.stdin)], sys.stdout)
