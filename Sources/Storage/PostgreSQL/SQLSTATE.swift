internal import Stores

/// What Loge tells apart of the codes that PostgreSQL ends a statement or a connection with.
///
/// https://www.postgresql.org/docs/15/errcodes-appendix.html
enum SQLSTATE: Sendable, Hashable {
    /// 40001: another transaction was first; the same again may pass.
    case serializationFailure
    /// 40P01: two transactions waited for each other and this one was chosen; the same again may pass.
    case deadlockDetected
    /// 23505.
    case uniqueViolation
    /// The rest of class 23: NOT NULL, CHECK, foreign keys.
    case otherConstraint
    /// 25006: a standby, or a database set to read-only.
    case readOnly
    /// The rest of class 25: the transaction is not in the state that we believe it in.
    case transactionState
    /// 53300.
    case tooManyConnections
    /// 53100, and 58030, the disk itself.
    case diskFull
    /// The rest of class 53: memory and other limits.
    case insufficientResources
    /// 57P01 to 57P05: the server or this connection is being shut down, or is not up yet.
    case shutdown
    /// 57014: `statement_timeout`, or an operator.
    case queryCanceled
    /// 55P03: `lock_timeout`.
    case lockNotAvailable
    /// Class 08.
    case connection
    /// Class 28: the user name, the password or `pg_hba.conf`.
    case authorization
    /// 3D000.
    case noDatabase
    /// 42501.
    case insufficientPrivilege
    /// 42P01, 42703 and 3F000: a table, a column or a schema is not there.
    case schemaDiffers
    /// 0A000 and 26000: a statement was prepared against another schema, or is not there any more.
    case stalePlan
    /// XX001 and XX002.
    case corrupted
    /// Everything else: our own mistake.
    case other

    /// The meaning of the five characters `code`.
    init(_ code: String) {
        self = Self.exact[code] ?? Self.classes[String(code.prefix(2))] ?? .other
    }

    private static let exact: [String: SQLSTATE] = [
        "40001": .serializationFailure, "40P01": .deadlockDetected, "23505": .uniqueViolation, "25006": .readOnly,
        "53300": .tooManyConnections, "53100": .diskFull, "58030": .diskFull, "57P01": .shutdown, "57P02": .shutdown,
        "57P03": .shutdown, "57P04": .shutdown, "57P05": .shutdown, "57014": .queryCanceled,
        "55P03": .lockNotAvailable, "3D000": .noDatabase, "42501": .insufficientPrivilege, "42P01": .schemaDiffers,
        "42703": .schemaDiffers, "3F000": .schemaDiffers, "0A000": .stalePlan, "26000": .stalePlan,
        "XX001": .corrupted, "XX002": .corrupted,
    ]
    private static let classes: [String: SQLSTATE] = [
        "23": .otherConstraint, "25": .transactionState, "53": .insufficientResources, "08": .connection,
        "28": .authorization,
    ]

    /// In the words of the stores.
    var code: StoreError.Code {
        switch self {
        case .uniqueViolation: .conflict
        case .readOnly, .diskFull, .insufficientPrivilege: .cannotWrite
        case .corrupted: .corrupted
        case .serializationFailure, .deadlockDetected, .tooManyConnections, .insufficientResources, .shutdown,
            .queryCanceled, .lockNotAvailable, .connection, .authorization, .noDatabase:
            .unavailable
        case .otherConstraint, .transactionState, .schemaDiffers, .stalePlan, .other: .unexpected
        }
    }

    /// Whether the same transaction may pass when it is tried again.
    var isLostRace: Bool { self == .serializationFailure || self == .deadlockDetected }

    /// Whether another connection would be better off: behind the same address there may be a new primary by now, and
    /// what was prepared before a change of the schema is prepared again.
    var spoilsConnection: Bool {
        switch self {
        case .readOnly, .stalePlan, .transactionState, .shutdown, .connection, .corrupted: true
        default: false
        }
    }

    /// Whether the server's own sentence may be kept. Those about data can quote a value, a person's as a rule: of them
    /// only the names of the table, the column and the constraint are kept.
    var hasHarmlessMessage: Bool {
        switch self {
        case .uniqueViolation, .otherConstraint, .other: false
        default: true
        }
    }
}
