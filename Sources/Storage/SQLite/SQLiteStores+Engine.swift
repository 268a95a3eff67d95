public import StoresSQL

extension SQLiteStores {
    /// The engine under the stores, for commands that work on whole tables.
    public var tables: any SQLEngine { engine }
}
