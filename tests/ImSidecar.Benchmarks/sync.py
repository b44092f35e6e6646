"""Tells how long the disk takes for a page that is to be there for certain: median of half a second."""
import os
import statistics
import sys
import time

file = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
times, end = [], time.monotonic() + 0.5
while time.monotonic() < end:
    begun = time.monotonic()
    os.write(file, bytes(4096))
    os.fdatasync(file)
    times.append(time.monotonic() - begun)
os.close(file)
os.remove(sys.argv[1])
print(f"sync_ms {statistics.median(times) * 1000:.3f}")
