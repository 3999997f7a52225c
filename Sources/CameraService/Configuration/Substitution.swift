// SPDX-License-Identifier: MIT

internal import CameraCommands
internal import CameraKit

/// A value of the file: as it stands there, and what it means.
///
/// `${NAME}` stands for a variable of the environment, `${file:/path}` for the first line of a file, `$$` for a dollar sign.
package struct ConfiguredText: Hashable, Sendable {
    /// As it stands in the file, which may be shown.
    package let written: String
    /// What it means, which may be a secret where it differs.
    package let value: String

    /// - Parameters:
    ///   - written: The text of the file.
    ///   - environment: Gives a variable's value.
    /// - Throws: `.invalidValue` and `.notFound`, with no secret in them.
    init(_ written: String, environment: (String) -> String?) throws(CameraError) {
        self.written = written
        guard written.contains("$") else {
            value = written
            return
        }
        var value = ""
        var rest = written[...]
        while let character = rest.popFirst() {
            guard character == "$" else {
                value.append(character)
                continue
            }
            if rest.hasPrefix("$") {
                value.append(rest.removeFirst())
            } else if rest.hasPrefix("{") {
                guard let end = rest.firstIndex(of: "}") else {
                    throw Self.refusal("'${' has no end; write ${NAME}, ${file:/path}, or $$ for a dollar sign")
                }
                let name = rest[rest.index(after: rest.startIndex)..<end]
                value += try Self.meaning(of: String(name), environment)
                rest = rest[rest.index(after: end)...]
            } else {
                value.append(character)
            }
        }
        self.value = value
    }

    private static func meaning(
        of name: String, _ environment: (String) -> String?
    ) throws(CameraError) -> String {
        let prefix = "file:"
        if name.hasPrefix(prefix) {
            let path = String(name.dropFirst(prefix.count))
            do throws(CameraError) {
                return try Parse.firstLine(ofSecret: path)
            } catch {
                throw refusal("${\(name)} cannot be read: \(error.reason ?? "\(error)")")
            }
        }
        guard let value = environment(name) else {
            throw refusal("the environment has no variable \(name); set it for the service, or use ${file:/path}")
        }
        return value
    }

    private static func refusal(_ reason: String) -> CameraError {
        CameraError(.invalidValue, "reading the configuration", reason: reason)
    }
}
