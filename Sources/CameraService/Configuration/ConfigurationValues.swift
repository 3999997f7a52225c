// SPDX-License-Identifier: MIT

/// What a file says for one place, such as a camera: values by the paths of their keys.
package struct ConfigurationValues: Sendable {
    /// What stands behind a key.
    package struct Entry: Sendable {
        package let key: ConfigurationKey
        /// One text, or several of a list.
        package var texts: [ConfiguredText]
        /// The names of a map, each for the text of the same place; empty for other forms.
        package var names: [String]
        let place: ConfigurationFault.Place
    }

    /// The values by the keys' paths.
    package var entries: [String: Entry] = [:]
    /// Sections that stand there, with or without keys, and where.
    var sections: [String: ConfigurationFault.Place] = [:]

    /// The value of a key; nil where it is not there.
    func text(_ path: String) -> String? { entries[path]?.texts.first?.value }

    /// The values of a list.
    func texts(_ path: String) -> [String] { entries[path]?.texts.map(\.value) ?? [] }

    /// These, and of others what these do not have; maps are joined name by name.
    func over(_ others: ConfigurationValues) -> ConfigurationValues {
        var values = self
        values.sections.merge(others.sections) { own, _ in own }
        for (path, entry) in others.entries {
            guard var own = values.entries[path] else {
                values.entries[path] = entry
                continue
            }
            guard case .map = entry.key.form else { continue }
            for (name, text) in zip(entry.names, entry.texts) where !own.names.contains(name) {
                own.names.append(name)
                own.texts.append(text)
            }
            values.entries[path] = own
        }
        return values
    }

    /// What one of the tool's parsers is given.
    func arguments(for option: ConfigurationKey.Option) -> [String] {
        // In the order of the table, so that the same values give the same arguments.
        ConfigurationTable.camera.filter { $0.option == option }.flatMap { key in
            texts(key.path).flatMap { key.arguments(for: $0) }
        }
    }

    /// Whether two sets mean the same, wherever it stands.
    func means(_ other: ConfigurationValues) -> Bool {
        guard Set(sections.keys) == Set(other.sections.keys), entries.count == other.entries.count else { return false }
        return entries.allSatisfy { path, entry in
            guard let theirs = other.entries[path], theirs.names == entry.names else { return false }
            return theirs.texts.map(\.value) == entry.texts.map(\.value)
        }
    }
}
