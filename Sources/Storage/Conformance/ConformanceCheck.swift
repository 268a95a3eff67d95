public import Stores

/// What an engine's answer was not. Says where in the suite, what was wanted and what came.
public struct ConformanceFailure: Error, CustomStringConvertible {
    /// The place and the reason.
    public let description: String
}

/// Two doors to the same, empty data: two pools, two nodes. Races go through both.
public struct StorePair: Sendable {
    /// The first door.
    public let one: StoreSet
    /// The second door.
    public let other: StoreSet

    /// A pair; the same set twice when an engine can be opened only once.
    public init(_ one: StoreSet, _ other: StoreSet) {
        self.one = one
        self.other = other
    }

    /// The doors in turn.
    subscript(turn: Int) -> StoreSet { turn.isMultiple(of: 2) ? one : other }
}

/// One question of the suite that every engine passes, on data of its own.
public struct ConformanceCheck: Sendable, CustomStringConvertible {
    /// What must hold.
    public let description: String
    private let body: @Sendable (StorePair) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (StorePair) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Asks an engine.
    ///
    /// - Parameter stores: fresh and empty.
    /// - Throws: ``ConformanceFailure`` when the answer is wrong; ``StoreError`` when the engine fails.
    public func run(on stores: StorePair) async throws { try await body(stores) }

    /// The whole suite.
    public static let all: [ConformanceCheck] =
        accountChecks + activationChecks + sessionChecks + codeChecks + refreshChecks + singleUseChecks + attemptChecks
        + linkChecks + outboxChecks + keySetReaderChecks + logoutNoticeChecks + logoutNoticeRaceChecks + keyChecks
        + relyingPartyChecks
        + textChecks + maintenanceChecks + raceChecks + changeChecks
}

/// Fails unless `condition` holds.
func expect(
    _ condition: Bool, _ what: String, file: StaticString = #fileID, line: UInt = #line
) throws {
    guard !condition else { return }
    throw ConformanceFailure(description: "\(file):\(line): \(what)")
}

/// Fails unless the two are equal.
func expect<Value: Equatable>(
    _ value: Value, is wanted: Value, _ what: String, file: StaticString = #fileID, line: UInt = #line
) throws {
    guard value != wanted else { return }
    throw ConformanceFailure(description: "\(file):\(line): \(what): wanted \(wanted), got \(value)")
}

/// The value, or a failure when there is none.
func require<Value>(
    _ value: Value?, _ what: String, file: StaticString = #fileID, line: UInt = #line
) throws -> Value {
    guard let value else { throw ConformanceFailure(description: "\(file):\(line): \(what): got nil") }
    return value
}

/// Fails unless `body` throws a ``StoreError`` of this kind.
func expectError(
    _ code: StoreError.Code, _ what: String, file: StaticString = #fileID, line: UInt = #line,
    _ body: () async throws -> Void
) async throws {
    do {
        try await body()
    } catch let error as StoreError {
        return try expect(error.code, is: code, what + " (\(error.reason))", file: file, line: line)
    }
    throw ConformanceFailure(description: "\(file):\(line): \(what): nothing was thrown")
}

/// The results of `count` calls at once, through both doors.
func inParallel<Value: Sendable>(
    _ count: Int, on stores: StorePair, _ body: @escaping @Sendable (Int, StoreSet) async throws -> Value
) async throws -> [Value] {
    try await withThrowingTaskGroup(of: Value.self) { group in
        for index in 0..<count {
            group.addTask { try await body(index, stores[index]) }
        }
        var values: [Value] = []
        for try await value in group { values.append(value) }
        return values
    }
}
