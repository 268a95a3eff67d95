internal import Accounts
internal import Stores
internal import StoresSQL

/// Logins for new accounts: `prenom.nom`, and the lowest free number from 2 for homonyms. Which ones are taken is looked
/// up a page at a time, and remembered for names that many people have. The table itself decides: who takes a login that
/// somebody else took meanwhile is told so, and forgets what was remembered.
struct LoginSupply: Sendable {
    private struct Numbers: Sendable {
        var taken: Set<Int>
        /// No number below is free.
        var next = 1
    }

    private var known: [String: Numbers] = [:]
    /// The logins of this page: one name's second may be spelled as another name's first.
    private var page: Set<Login> = []

    /// What must be looked up before the names of a page get logins: how often each name is wanted that is not known.
    func unknown(_ bases: [String]) -> [String: Int] {
        Dictionary(bases.lazy.filter { known[$0] == nil }.map { ($0, 1) }, uniquingKeysWith: +)
    }

    /// Begins a page.
    ///
    /// - Parameter found: the numbers taken of each name that was ``unknown(_:)``.
    mutating func begin(found: [String: Set<Int>]) {
        page = []
        for (base, taken) in found { known[base] = Numbers(taken: taken) }
    }

    /// The next free login of a name.
    mutating func take(_ base: String) -> Login {
        var numbers = known.removeValue(forKey: base) ?? Numbers(taken: [])
        while true {
            let number = numbers.next
            numbers.next += 1
            guard numbers.taken.insert(number).inserted else { continue }
            let login = LoginMaker.numbered(base, number)
            guard page.insert(login).inserted else { continue }
            known[base] = numbers
            return login
        }
    }

    /// Ends a page: a name that one person has is as quickly looked up as remembered.
    mutating func end() { known = known.filter { $0.value.taken.count > 1 } }

    /// Forgets everything.
    mutating func forget() { self = LoginSupply() }
}

extension SQLSession {
    /// The numbers taken of each of these names; 1 is the name itself.
    ///
    /// - Parameter wanted: how often each is wanted.
    /// - Throws: `StoreError`.
    func takenNumbers(_ wanted: [String: Int]) throws -> [String: Set<Int>] {
        var taken = wanted.mapValues { _ in Set<Int>() }
        for row in try rows(.loginsTaken, of: wanted.keys.sorted()) { taken[try row.text("login")]?.insert(1) }
        // Whoever is the first of a name needs no number.
        for (base, count) in wanted where count > 1 || taken[base]?.isEmpty == false {
            for row in try rows(.loginsNumbered, ["first": .text(base + "0"), "last": .text(base + ":")]) {
                guard let number = Int(try row.text("login").dropFirst(base.count)), number > 1 else { continue }
                taken[base]?.insert(number)
            }
        }
        return taken
    }
}

extension SQLStatement {
    fileprivate static let loginsTaken = SQLStatement(
        "SELECT login FROM accounts WHERE login IN (\(KeyPage.marks))")
    /// `:` is what comes after `9`.
    fileprivate static let loginsNumbered = SQLStatement(
        "SELECT login FROM accounts WHERE login >= :first AND login < :last")
}
