public import StoresSQL

extension PostgreSQLStores {
    /// The engine under the stores, for commands that work on whole tables.
    public var tables: any SQLEngine { engine }
}
