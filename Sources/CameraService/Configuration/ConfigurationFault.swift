// SPDX-License-Identifier: MIT

/// Something that is wrong in a configuration file.
package struct ConfigurationFault: Hashable, Sendable {
    /// A place in the file, both numbers from 1.
    package struct Place: Hashable, Sendable, Comparable {
        package let line: Int
        package let column: Int

        package static func < (a: Place, b: Place) -> Bool { (a.line, a.column) < (b.line, b.column) }
    }

    /// Where it is; nil for the file as a whole.
    package let place: Place?
    /// What is wrong and what to do: a sentence without its full stop.
    package let text: String

    /// The line for a terminal: "service.yaml:12:9: …".
    package func line(of file: String) -> String {
        guard let place else { return "\(file): \(text)" }
        return "\(file):\(place.line):\(place.column): \(text)"
    }
}

/// Why a configuration file cannot be used: all that is wrong in it.
package struct ConfigurationFaults: Error, Sendable {
    package let file: String
    /// In the order of the file; never empty.
    package let faults: [ConfigurationFault]

    /// As many lines are of use to a person.
    private static let mostLines = 50

    init(_ file: String, _ faults: [ConfigurationFault]) {
        self.file = file
        let whole = faults.filter { $0.place == nil }
        let placed = faults.filter { $0.place != nil }
        let start = ConfigurationFault.Place(line: 0, column: 0)
        self.faults = whole + placed.sorted { ($0.place ?? start) < ($1.place ?? start) }
    }

    /// A line for each fault.
    package var lines: [String] {
        let lines = faults.prefix(Self.mostLines).map { $0.line(of: file) }
        let rest = faults.count - lines.count
        return rest > 0 ? lines + ["\(file): and \(rest) more"] : lines
    }
}
