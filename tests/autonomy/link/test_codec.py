"""What is read from the wire is typed or refused with a code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomy.link import messages as m
from autonomy.link.codec import BadFrame, decode_down, decode_up, encode

TELEMETRY = m.Telemetry(ts_ms=1, lon=8.5, lat=50.1, heading_deg=90.0, speed_mps=3.25, edge=7, offset_m=12.5)


def test_a_frame_comes_back_as_it_was() -> None:
    for up in (TELEMETRY, m.Event(seq=1, at_ms=2, body=m.DoorsChanged(open=True)), m.Heartbeat(sent_ms=5)):
        assert decode_up(encode(up)) == up
    assert decode_down(encode(m.EventAck(seq=9))) == m.EventAck(seq=9)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type":"heartbeat","sent_', "bad_json"),
        ("", "bad_json"),
        ('{"type":"heartbeat","sent_ms":NaN}', "bad_json"),
        ('{"type":"heartbeat","sent_ms":1e400}', "bad_frame"),
        ('{"type":"heartbeat","sent_ms":-1}', "bad_frame"),
        ('{"type":"heartbeat","sent_ms":"1"}', "bad_frame"),
        ('{"type":"heartbeat"}', "bad_frame"),
        ('{"type":"launch"}', "bad_frame"),
        ('{"type":"welcome","epoch":1}', "bad_frame"),
        ("[]", "bad_frame"),
        ('{"type":"heartbeat","sent_ms":1,"x":' + "[" * 30_000 + "]" * 30_000 + "}", "bad_json"),
        (encode(TELEMETRY).replace("50.1", "95"), "bad_frame"),
        (encode(TELEMETRY).replace('"lon":8.5', '"lon":null'), "bad_frame"),
        ('{"type":"event","seq":1,"at_ms":1,"body":{"type":"held","reason":"a\\u0000b"}}', "bad_frame"),
        (" " * (m.MAX_FRAME_BYTES + 1), "frame_too_large"),
        ("ü" * (m.MAX_FRAME_BYTES // 2 + 1), "frame_too_large"),
        ("x" * 10_000_000, "frame_too_large"),
        (b'{"type":"heartbeat","sent_ms":1}', "binary_frame"),
        ('{"type":"heartbeat","sent_ms":1,"x":"\ud800"}', "binary_frame"),
    ],
)
def test_what_is_not_a_frame_is_refused_with_a_code(text: str | bytes, code: str) -> None:
    with pytest.raises(BadFrame) as bad:
        decode_up(text)
    assert bad.value.code == code
    assert len(bad.value.detail) <= 200


@given(st.one_of(st.text(), st.binary(), st.from_regex(r'\{"type":"(event|hello|telemetry)".{0,80}\}')))
def test_no_input_does_more_than_be_refused(data: str | bytes) -> None:
    for decode in (decode_up, decode_down):
        with pytest.raises(BadFrame):
            decode(data)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_not_sent(value: float) -> None:
    sample = m.Telemetry(ts_ms=1, lon=8.5, lat=50.1, heading_deg=90.0, speed_mps=value)
    for frame in (sample, m.TelemetryBatch(samples=[sample])):
        with pytest.raises(BadFrame, match="not_finite"):
            encode(frame)


def test_a_frame_that_is_too_large_is_not_sent() -> None:
    with pytest.raises(BadFrame, match="frame_too_large"):
        encode(m.Command(signed="x" * 70_000, signature=""))
