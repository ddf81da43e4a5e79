"""The ledger guards itself: order and hash at commit, and no change afterwards.

The deferred trigger runs when the transaction commits. It locks the chain's head last of all locks, so that writers
wait for one another only during the commit itself, sequence numbers are in commit order without gaps, and no deadlock
can come from it.
"""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION fleet_ledger_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head fleet_ledgerhead%ROWTYPE;
    next_hash text;
    sep text := E'\x1f';
BEGIN
    -- The first entry of all makes the head; when a head was taken away, the unique seq refuses to begin anew.
    INSERT INTO fleet_ledgerhead (id, seq, hash) VALUES (1, 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT head FROM fleet_ledgerhead WHERE id = 1 FOR UPDATE;
    next_hash := encode(sha256(convert_to(
        head.hash || sep || (head.seq + 1)::text || sep
        || (extract(epoch FROM NEW.at) * 1000000)::bigint::text || sep
        || NEW.kind || sep || NEW.subject_type || sep || NEW.subject_id || sep || NEW.actor || sep || NEW.body,
        'UTF8')), 'hex');
    UPDATE fleet_ledgerentry SET seq = head.seq + 1, prev_hash = head.hash, hash = next_hash WHERE id = NEW.id;
    UPDATE fleet_ledgerhead SET seq = head.seq + 1, hash = next_hash WHERE id = 1;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER fleet_ledger_chain AFTER INSERT ON fleet_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fleet_ledger_chain();

CREATE FUNCTION fleet_ledger_born_unchained() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq IS NOT NULL OR NEW.hash IS NOT NULL OR NEW.prev_hash IS NOT NULL THEN
        RAISE EXCEPTION 'the ledger gives sequence and hash itself';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER fleet_ledger_born_unchained BEFORE INSERT ON fleet_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION fleet_ledger_born_unchained();

CREATE FUNCTION fleet_ledger_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The one change allowed: an entry without a place gets one, and nothing else of it changes.
    IF TG_OP = 'UPDATE' AND OLD.seq IS NULL AND NEW.seq IS NOT NULL
       AND ROW(OLD.id, OLD.at, OLD.kind, OLD.subject_type, OLD.subject_id, OLD.actor, OLD.body)
         = ROW(NEW.id, NEW.at, NEW.kind, NEW.subject_type, NEW.subject_id, NEW.actor, NEW.body) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only';
END $$;

CREATE TRIGGER fleet_ledger_immutable BEFORE UPDATE OR DELETE ON fleet_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION fleet_ledger_immutable();
"""

BACKWARD = """
DROP TRIGGER fleet_ledger_immutable ON fleet_ledgerentry;
DROP TRIGGER fleet_ledger_born_unchained ON fleet_ledgerentry;
DROP TRIGGER fleet_ledger_chain ON fleet_ledgerentry;
DROP FUNCTION fleet_ledger_immutable();
DROP FUNCTION fleet_ledger_born_unchained();
DROP FUNCTION fleet_ledger_chain();
DELETE FROM fleet_ledgerhead;
"""


class Migration(migrations.Migration):
    dependencies = [("fleet", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
