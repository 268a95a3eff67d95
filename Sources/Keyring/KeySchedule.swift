import Clocks

/// A step that the schedule asks for.
enum KeyStep: Sendable {
    case makeFirst(KeyUse)
    case stage(KeyUse)
    case rotate(KeyUse)
    case retire(String)
}

extension KeyUse {
    /// The uses for which there is no key yet: they are younger than the keyring.
    static func missing(in records: [KeyRecord]) -> [KeyUse] {
        allCases.filter { use in use.isLater && !records.contains { $0.use == use && $0.state == .current } }
    }
}

extension KeyPolicies {
    /// What is due now.
    func stepsDue(_ records: [KeyRecord], now: Instant) -> [KeyStep] {
        var steps: [KeyStep] = KeyUse.missing(in: records).map(KeyStep.makeFirst)
        for use in KeyUse.allCases where use.rotates {
            guard let every = self[use].rotateEvery,
                let since = records.first(where: { $0.use == use && $0.state == .current })?.activatedAt
            else { continue }
            let before = self[use].publishBefore
            if let next = records.first(where: { $0.use == use && $0.state == .next }) {
                if now >= since + every, now >= next.stagedAt + before { steps.append(.rotate(use)) }
            } else if now >= since + every - before {
                steps.append(.stage(use))
            }
        }
        for record in records where record.state == .retiring {
            if let after = record.retireAfter, now >= after { steps.append(.retire(record.id)) }
        }
        return steps
    }
}

extension KeyDraft {
    /// Does one step of the schedule. - Returns: a line in plain words.
    mutating func take(_ step: KeyStep, policies: KeyPolicies, now: Instant) throws -> String {
        switch step {
        case .makeFirst(let use):
            try makeFirst(use)
            return "made the first key for \(use.rawValue)"
        case .stage(let use):
            return "staged \(try stage(use).id) for \(use.rawValue)"
        case .rotate(let use):
            try manifest.rotate(use, policy: policies[use], ignoringPublication: false, now: now)
            return "rotated \(use.rawValue)"
        case .retire(let id):
            try manifest.retire(id, ignoringLifetime: false, now: now)
            return "retired \(id)"
        }
    }
}
