"""The ledger's tables. Sequence, hash and immutability are the database's own work: see migration 0002."""

from django.db import models


class LedgerEntry(models.Model):
    """One entry. Inserted without `seq` and hashes; a trigger sets them when the transaction commits."""

    id = models.BigAutoField(primary_key=True)
    seq = models.BigIntegerField(null=True, unique=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=64)
    actor = models.CharField(max_length=80)
    body = models.TextField()  # canonical JSON: what was hashed, to the byte
    prev_hash = models.CharField(max_length=64, null=True)  # noqa: DJ001 (null until chained)
    hash = models.CharField(max_length=64, null=True)  # noqa: DJ001 (null until chained)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "seq"], name="ledger_by_subject"),
            models.Index(fields=["kind", "seq"], name="ledger_by_kind"),
        ]


class LedgerHead(models.Model):
    """The single row that every committing transaction locks last: the chain's end."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="ledger_one_head")]
