internal import School
internal import Stores
internal import StoresSQL

/// The schools that the base holds, by register and key: few enough to be held while accounts are looked at.
struct SchoolsOfBase: Sendable {
    /// A school, as accounts need it.
    struct School: Sendable, Hashable {
        let uai: UAI
        var level: Level?
    }

    private var byKey: [RecordKey: School] = [:]

    /// Reads them.
    ///
    /// - Throws: `StoreError`.
    init(_ db: any SQLSession, _ names: RegisterNames) throws {
        var levels: [UAI: Level] = [:]
        for row in try db.rows(.liveSchools) {
            guard let uai = UAI(try row.text("uai")) else { continue }
            let record = RecordKey(register: try row.number("register"), key: try row.text("key"))
            let level = Self.level(type: try row.text("type"), in: names.byNumber[record.register]?.format)
            byKey[record] = School(uai: uai, level: level)
            if let level { levels[uai] = level }
        }
        // SIECLE does not tell what its school is; AAF does.
        for (record, school) in byKey where school.level == nil { byKey[record]?.level = levels[school.uai] }
    }

    /// The school of that key; `nil` when the base does not hold it, or it has no UAI.
    subscript(register: Int64, key: String) -> School? { byKey[RecordKey(register: register, key: key)] }

    /// The level of a school's pupils, by the type that AAF writes (`ENTStructureTypeStruct`); `nil` when the type does not
    /// tell, as that of an EREA, which is both collège and lycée.
    static func level(type: String, in format: Register.Format?) -> Level? {
        if format == .aaf1D || format == .onde { return .primary }
        let words = FoldedName(type).words
        switch words.first {
        case "COLLEGE", "CLG", "SEGPA": return .lowerSecondary
        case "LYCEE", "LYC", "LP", "LPO", "LPP", "LPA", "LG", "LT", "LGT", "LEGT", "LEGTA", "LEGTPA", "LPR", "SEP":
            return .upperSecondary
        case "ECOLE":
            // Schools of nurses and of arts are écoles too.
            let kinds: Set<String> = ["MATERNELLE", "ELEMENTAIRE", "PRIMAIRE", "ELEM", "MAT"]
            return words.count == 1 || !kinds.isDisjoint(with: words) ? .primary : nil
        default: return nil
        }
    }
}

/// Where the base stands: read before and after other reads, it tells whether they were all of one base.
struct BaseMark: Sendable, Hashable {
    let newest: Int64
    let undone: Int64

    /// - Throws: `StoreError`.
    init(_ db: any SQLSession) throws {
        let row = try db.row(.baseMark)
        newest = try row?.number("newest") ?? 0
        undone = try row?.number("undone") ?? 0
    }
}

extension SQLStatement {
    fileprivate static let liveSchools = SQLStatement(
        "SELECT register, key, uai, type FROM base_schools WHERE ended = 0 ORDER BY register, key")
    fileprivate static let baseMark = SQLStatement(
        "SELECT COALESCE(MAX(id), 0) AS newest, COUNT(undone_at) AS undone FROM base_imports")
}
