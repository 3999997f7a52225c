// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit

/// A key that a configuration can have.
package struct ConfigurationKey: Sendable {
    /// What stands behind a key.
    package enum Form: Sendable {
        /// One value.
        case value
        /// One value, or a list of them.
        case list
        /// A map of names, which the device knows, and values.
        case map
    }

    /// The parsers of the tool that a key goes to, as the option of its name.
    enum Option: Sendable {
        case source, drawing, encoding, retention
    }

    /// The section that it stands in; empty for a key of the camera itself.
    package let section: String
    /// Its name, which is that of the tool's option where there is one.
    package let name: String
    package let form: Form
    /// What it takes, as help shows it: "WxH", "500k|8M".
    package let takes: String
    /// The unit of a bare number; nil where there is none.
    package let unit: String?
    /// What holds without it, in words.
    package let standard: String
    /// A sentence without its full stop.
    package let words: String
    /// A value that it takes.
    package let example: String
    /// Whether its value is never shown.
    package let isSecret: Bool
    let option: Option?
    /// Reads a value as the tool does; throws with what is expected as the reason.
    let check: @Sendable (String) throws(CameraError) -> Void

    /// Its place: "encoding.bitrate".
    package var path: String { section.isEmpty ? name : "\(section).\(name)" }

    init(
        _ section: String, _ name: String, _ takes: String, form: Form = .value, unit: String? = nil,
        default standard: String = "none", example: String, isSecret: Bool = false, option: Option? = nil,
        _ words: String, check: @escaping @Sendable (String) throws(CameraError) -> Void = Check.text
    ) {
        self.section = section
        self.name = name
        self.takes = takes
        self.form = form
        self.unit = unit
        self.standard = standard
        self.words = words
        self.example = example
        self.isSecret = isSecret
        self.option = option
        self.check = check
    }

    /// What the tool's parser is given for a value; a switch has none, and nothing is given where it is off.
    func arguments(for value: String) -> [String] {
        if takes == Check.switchWords { return Check.isOn(value) == true ? ["--\(name)"] : [] }
        return ["--\(name)=\(value)"]
    }
}

/// Checks of values.
enum Check {
    static let switchWords = "true|false"

    /// Makes a check of a parser.
    static func parsed<Value>(
        _ parse: @escaping @Sendable (String) throws(CameraError) -> Value
    ) -> @Sendable (String) throws(CameraError) -> Void {
        { text throws(CameraError) in _ = try parse(text) }
    }

    /// Any text but an empty one.
    @Sendable static func text(_ text: String) throws(CameraError) {
        if text.isEmpty { throw refusal("write a text that is not empty") }
    }

    /// Any text.
    @Sendable static func anything(_ text: String) throws(CameraError) {}

    static func integer(_ range: ClosedRange<Int>) -> @Sendable (String) throws(CameraError) -> Void {
        { text throws(CameraError) in
            guard let number = Int(text), range.contains(number) else {
                throw refusal("write a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
        }
    }

    static func number(_ range: ClosedRange<Double>) -> @Sendable (String) throws(CameraError) -> Void {
        { text throws(CameraError) in
            guard let number = Double(text), range.contains(number) else {
                throw refusal("write a number from \(range.lowerBound) to \(range.upperBound)")
            }
        }
    }

    static func choice(_ words: [String]) -> @Sendable (String) throws(CameraError) -> Void {
        { text throws(CameraError) in
            guard words.contains(text) else { throw refusal("write \(words.joined(separator: " or "))") }
        }
    }

    /// A template of a series of files.
    @Sendable static func template(_ text: String) throws(CameraError) {
        guard try FileTemplate(text.naming(camera: "camera")).isSeries else {
            throw refusal("each file needs a name of its own; put {counter:05d} or {timestamp} into it")
        }
    }

    /// An address of another server.
    @Sendable static func address(_ text: String) throws(CameraError) {
        guard text.contains("://") else { throw refusal("write the address of a server: rtmp://SERVER/live/{camera}") }
    }

    @Sendable static func toggle(_ text: String) throws(CameraError) {
        if isOn(text) == nil { throw refusal("write true or false") }
    }

    /// What a switch says; nil for another word.
    static func isOn(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }

    static func refusal(_ reason: String) -> CameraError {
        CameraError(.invalidValue, "reading the configuration", reason: reason)
    }
}
