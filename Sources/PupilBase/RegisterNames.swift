internal import School
internal import Stores
internal import StoresSQL

/// The registers that the base knows, by their numbers.
struct RegisterNames: Sendable {
    private(set) var byNumber: [Int64: Register] = [:]

    /// Reads them.
    ///
    /// - Throws: `StoreError`.
    init(_ db: any SQLSession) throws {
        for row in try db.rows(.registers) {
            let scope = try row.text("scope")
            guard let format = Register.Format(rawValue: try row.text("format")),
                let register = Register(format, scope: scope)
            else { throw row.corrupted("format") }
            byNumber[try row.number("id")] = register
        }
    }

    /// The number of a register; a new one when it is not known, which ``SQLStatement/addRegister`` must then keep.
    mutating func number(of register: Register) -> (number: Int64, isNew: Bool) {
        if let known = byNumber.first(where: { $0.value == register }) { return (known.key, false) }
        let number = (byNumber.keys.max() ?? 0) + 1
        byNumber[number] = register
        return (number, true)
    }
}

extension Register {
    /// The academy's code, or the school's number.
    var scopeText: String {
        switch scope {
        case .academy(let code): code
        case .school(let uai): uai.description
        }
    }

    init?(_ format: Format, scope: String) {
        switch format {
        case .aaf1D, .aaf2D: self.init(format, .academy(scope))
        case .siecle, .onde:
            guard let uai = UAI(scope) else { return nil }
            self.init(format, .school(uai))
        }
    }
}

extension SQLStatement {
    static let registers = SQLStatement("SELECT id, format, scope FROM base_registers ORDER BY id")
    static let addRegister = SQLStatement(
        "INSERT INTO base_registers (id, format, scope) VALUES (:id, :format, :scope)")
}
