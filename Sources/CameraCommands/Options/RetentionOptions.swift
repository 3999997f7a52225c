// SPDX-License-Identifier: MIT

package import ArgumentParser
package import CameraKit

/// How much of a recording's files is kept.
package struct RetentionOptions: ParsableArguments, Sendable {
    package init() {}

    @Option(
        help: ArgumentHelp(
            "Delete the oldest files of OUTPUT's template so that so much of the disk stays free.",
            discussion: "With 0 only when the disk is full.", valueName: "2GB|10%"),
        transform: parsing(DiskAmount.init(parsing:)))
    package var keepFree: DiskAmount?

    @Option(
        help: ArgumentHelp("Delete files that were finished longer ago.", valueName: "7d|12h"),
        transform: parsing(Parse.age))
    package var keepAge: Duration?

    @Option(
        help: ArgumentHelp("Keep so many files, the one being written included.", valueName: "N"),
        transform: parsing(Parse.count))
    package var keepFiles: Int?

    @Option(
        help: ArgumentHelp("Keep so many bytes of files, the one being written included.", valueName: "100GB"),
        transform: parsing(DiskAmount.init(parsing:)))
    package var keepSize: DiskAmount?

    /// The options that were given.
    package var given: [String] {
        var names: [String] = []
        if keepFree != nil { names.append("--keep-free") }
        if keepAge != nil { names.append("--keep-age") }
        if keepFiles != nil { names.append("--keep-files") }
        if keepSize != nil { names.append("--keep-size") }
        return names
    }

    /// What they ask for; nil without any.
    package var retention: Retention? {
        given.isEmpty ? nil : Retention(free: keepFree, size: keepSize, age: keepAge, files: keepFiles)
    }

    package func validate() throws {
        try asUsage { _ = try retention?.validated() }
    }
}
