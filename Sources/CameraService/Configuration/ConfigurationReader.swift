// SPDX-License-Identifier: MIT

internal import CameraKit
internal import Glibc
internal import Yams

/// Reads the text of a configuration into a tree of YAML, whose anchors, depth and size are bounded.
enum ConfigurationReader {
    /// No configuration is as large; the parser needs much memory for each byte.
    private static let mostBytes = 1_000_000

    /// The text of a file.
    ///
    /// - Throws: The one fault that it has.
    static func text(of path: String) throws(ConfigurationFaults) -> String {
        guard let file = path.withFileName({ fopen($0, "re") }) else {
            throw ConfigurationFaults(path, [fault("it cannot be read: \(String(cString: strerror(errno)))")])
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: mostBytes + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else {
            throw ConfigurationFaults(path, [fault("it cannot be read: \(String(cString: strerror(errno)))")])
        }
        guard count <= mostBytes else {
            throw ConfigurationFaults(path, [fault("it has more than 1 MB; is it a configuration?")])
        }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw ConfigurationFaults(path, [fault("it is not UTF-8")])
        }
        return text
    }

    /// The tree of a text.
    ///
    /// - Throws: The first fault of its form.
    static func tree(of text: String, file: String) throws(ConfigurationFaults) -> Node {
        if let fault = ConfigurationScan.fault(in: text) { throw ConfigurationFaults(file, [fault]) }
        do {
            if let node = try Yams.compose(yaml: text) { return node }
        } catch {
            throw ConfigurationFaults(file, [fault(of: error)])
        }
        throw ConfigurationFaults(
            file, [fault("there is nothing in it; it begins with 'cameras:' and the name of a camera")])
    }

    private static func fault(_ text: String) -> ConfigurationFault { ConfigurationFault(place: nil, text: text) }

    private static func fault(of error: any Error) -> ConfigurationFault {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            let hint = "is the indentation right? A text that begins with { [ * or has ': ' or ' #' stands in quotes"
            return ConfigurationFault(place: mark.place, text: "this is no YAML (\(problem)); \(hint)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "'\($0)'" }.joined(separator: ", ")
            return ConfigurationFault(
                place: context.mark.place, text: "\(names) stands here more than once; keep one of them")
        case .reader(_, let offset, _, let text):
            guard let offset else { return fault("it has bytes that no text has") }
            let before = text.prefix(offset)
            let line = before.count { $0.isNewline } + 1
            let column = before.reversed().prefix { !$0.isNewline }.count + 1
            return ConfigurationFault(
                place: ConfigurationFault.Place(line: line, column: column), text: "a control character stands here")
        default: return fault("it cannot be read as YAML: \(error)")
        }
    }
}

extension Mark {
    /// The place in the words of faults.
    var place: ConfigurationFault.Place { ConfigurationFault.Place(line: line, column: column) }
}
