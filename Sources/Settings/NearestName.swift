/// The name closest to `name` among `candidates`, when it is close enough to be a slip of the finger.
func nearest(to name: String, among candidates: some Collection<String>) -> String? {
    var best: (name: String, distance: Int)?
    for candidate in candidates.sorted() {
        let distance = editDistance(scalars(name), scalars(candidate))
        if distance < best?.distance ?? Int.max { best = (candidate, distance) }
    }
    guard let best, best.distance <= max(1, best.name.unicodeScalars.count / 3) else { return nil }
    return best.name
}

private func scalars(_ text: String) -> [Unicode.Scalar] { Array(text.lowercased().unicodeScalars) }

/// How many insertions, removals, replacements and swaps of neighbours lead from one text to the other.
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    guard left.count <= 64, right.count <= 64 else { return Int.max }
    var rows = [Array(0...right.count)]
    for (i, a) in left.enumerated() {
        var row = [i + 1]
        for (j, b) in right.enumerated() {
            var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a == b ? 0 : 1))
            if i > 0, j > 0, a == right[j - 1], left[i - 1] == b { cost = min(cost, rows[i - 1][j - 1] + 1) }
            row.append(cost)
        }
        rows.append(row)
    }
    return rows[left.count][right.count]
}
