// SPDX-License-Identifier: MIT

/// All keys as tables of Markdown: what `--keys` prints, and a part of Docs/Configuration.md.
package enum ConfigurationPage {
    /// The tables, each below its heading.
    package static var text: String {
        var lines = chapter("server", ConfigurationTable.top[0].words, ConfigurationTable.server)
        for section in ConfigurationTable.top {
            let keys = ConfigurationTable.fleet.filter { $0.section == section.name }
            if !keys.isEmpty { lines += [""] + chapter(section.name, section.words, keys) }
        }
        for section in ConfigurationTable.sections {
            let heading = section.name.isEmpty ? "a camera" : section.name
            lines += [""] + chapter(heading, section.words, ConfigurationTable.keys(of: section.name))
        }
        return lines.joined(separator: "\n")
    }

    private static func chapter(_ heading: String, _ words: String, _ keys: [ConfigurationKey]) -> [String] {
        let head = [
            "### \(heading)", "", "\(words).", "", "| key | takes | unit | default | example | what it is |",
            "|---|---|---|---|---|---|",
        ]
        return head + keys.map(row)
    }

    private static func row(_ key: ConfigurationKey) -> String {
        let list = if case .list = key.form { ", or a list" } else { "" }
        let cells = [
            "`\(key.name)`", "`\(key.takes)`\(list)", key.unit ?? "", key.standard, "`\(key.example)`", key.words,
        ]
        // A bar ends a cell, in code as well.
        let escaped = cells.map { $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") }
        return "| \(escaped.joined(separator: " | ")) |"
    }
}
