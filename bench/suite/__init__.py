"""`make bench`: runs every benchmark, keeps what each found under `bench/results/`, and writes `docs/performance.md` anew from that.

python -m bench.suite [--only NAME ...] [--quick] [--list] [--write-only]
"""
