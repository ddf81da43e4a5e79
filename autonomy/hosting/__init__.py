"""One policy instance per car, batched over the cars that share a release, with deadlines and a watchdog."""

from autonomy.hosting.engine import Engine
from autonomy.hosting.limits import HostingLimits
from autonomy.hosting.metrics import ReleaseFigures, Snapshot, prometheus
from autonomy.hosting.network import Memory, Network

__all__ = ["Engine", "HostingLimits", "Memory", "Network", "ReleaseFigures", "Snapshot", "prometheus"]
