import Stores
import Web

/// What the engine of the stores does, as metrics.
enum StoreMetrics {
    static func register(_ stores: StoreSet, in metrics: MetricsRegistry) {
        let counters: [(String, @Sendable (StoreStatistics) -> Int64)] = [
            ("loge_store_reads_total", { $0.reads }), ("loge_store_writes_total", { $0.writes }),
            ("loge_store_commits_total", { $0.commits }), ("loge_store_retries_total", { $0.retries }),
            ("loge_store_connections_total", { $0.connections }), ("loge_store_refusals_total", { $0.refusals }),
        ]
        for (name, read) in counters { metrics.counter(name) { Int(read(stores.statistics())) } }
        metrics.gauge("loge_store_hears_others") { stores.hearsOthers() ? 1 : 0 }
        metrics.histogram(
            "loge_store_wait_seconds", bounds: StoreStatistics.waitBounds.map { Double($0) / 1_000_000 }
        ) { stores.statistics().waits.map(Int.init) }
    }
}
