"""What was published stays as it was: the database itself refuses anything else."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION zone_stays_as_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION 'zone % is % and cannot be deleted', OLD.id, OLD.state USING ERRCODE = 'check_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (('draft', 'draft'), ('draft', 'published'), ('published', 'retired')) THEN
        RAISE EXCEPTION 'zone %: no way from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state <> 'draft' AND (OLD.kind, OLD.name, OLD.params, OLD.published_in_id, OLD.replaces_id)
            IS DISTINCT FROM (NEW.kind, NEW.name, NEW.params, NEW.published_in_id, NEW.replaces_id)
            OR OLD.state <> 'draft' AND ST_AsBinary(OLD.area) <> ST_AsBinary(NEW.area) THEN
        RAISE EXCEPTION 'zone % is published and does not change', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER zone_stays_as_published BEFORE UPDATE OR DELETE ON zone
    FOR EACH ROW EXECUTE FUNCTION zone_stays_as_published();

CREATE FUNCTION odd_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'version % of the operational design domain does not change', OLD.number
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER odd_version_stays BEFORE UPDATE OR DELETE ON odd_version
    FOR EACH ROW EXECUTE FUNCTION odd_version_stays();
"""
BACKWARD = """
DROP TRIGGER zone_stays_as_published ON zone;
DROP FUNCTION zone_stays_as_published();
DROP TRIGGER odd_version_stays ON odd_version;
DROP FUNCTION odd_version_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("geofence", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
