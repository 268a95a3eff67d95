import Clocks
import Phones
import PupilBase
import Settings

extension BaseImport.Options {
    /// The `base` section: how the ministries' files are imported, and how long what they no longer state still holds.
    ///
    /// - Throws: `SettingsError`.
    init(_ node: SettingsNode) throws {
        self.init()
        grace = try node.duration("grace", in: .zero ... .days(365), default: grace)
        keepDeparted = try node.duration("keep_departed", in: .days(1) ... .days(3650), default: keepDeparted)
        undoable = try node.duration("undoable", in: .days(1) ... .days(365), default: undoable)
        largestShare = try node.integer("largest_departure_percent", in: 0...100, default: largestShare)
        smallestShare = try node.integer("departures_always_allowed", in: 0...10_000, default: smallestShare)
        threads = try node.integer("reading_threads", in: 1...16, default: threads)
        phones = PhoneRules(
            home: try node.enumeration("home_plan", of: HomePlan.self, default: .national),
            fiction: try node.boolean("fiction_numbers", default: false) ? .admittedForDemonstration : .refused)
    }

    /// What the operator should know of the section.
    var warning: String? {
        phones.fiction == .refused
            ? nil : "base.fiction_numbers admits telephone numbers that belong to nobody: for demonstrations only."
    }
}
