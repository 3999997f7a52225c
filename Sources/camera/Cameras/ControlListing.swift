// SPDX-License-Identifier: MIT

internal import CameraKit

/// A control as `camera list` and `camera controls` show it.
struct ControlListing: Encodable {
    let name: String
    let kind: String
    let value: String?
    let defaultValue: String?
    private(set) var minimum: Double?
    private(set) var maximum: Double?
    private(set) var step: Int64?
    /// The names of a menu's choices by their numbers.
    private(set) var choices: [Int: String]?
    /// The bits that a mask has.
    private(set) var mask: UInt32?
    /// The lengths of an array's axes.
    private(set) var dimensions: [Int]?
    /// The most numbers of a list.
    private(set) var limit: Int?
    let isWritable: Bool
    /// What can and cannot be done with it now.
    let traits: [String]

    init(_ control: CameraControl) {
        name = control.name
        value = control.value?.description
        defaultValue = control.defaultValue?.description
        isWritable = control.isWritable
        traits = control.traits.words
        switch control.kind {
        case .integer(let range, let step):
            kind = "integer"
            setRange(range, step)
        case .number(let range):
            (kind, minimum, maximum) = ("number", range.lowerBound, range.upperBound)
        case .boolean: kind = "boolean"
        case .menu(let items):
            kind = "menu"
            choices = Dictionary(items.map { (Int($0.number), $0.name) }) { first, _ in first }
        case .bitmask(let bits): (kind, mask) = ("bitmask", bits)
        case .text(let lengths):
            kind = "text"
            setRange(Int64(lengths.lowerBound)...Int64(lengths.upperBound), 1)
        case .array(let range, let step, let lengths):
            (kind, dimensions) = ("array", lengths)
            setRange(range, step)
        case .list(let range, let step, let most):
            (kind, limit) = ("list", most)
            setRange(range, step)
        case .numbers(let range, let count):
            (kind, minimum, maximum, dimensions) = ("numbers", range.lowerBound, range.upperBound, [count])
        case .button: kind = "button"
        case .other: kind = "other"
        }
    }

    private mutating func setRange(_ range: ClosedRange<Int64>, _ step: Int64) {
        (minimum, maximum) = (Double(range.lowerBound), Double(range.upperBound))
        self.step = step
    }

    /// One line for people.
    var text: String { text(as: name) }

    /// One line for people, with the name that the tool knows the control by.
    func text(as name: String) -> String {
        var line = name + (value.map { "=\($0.abbreviated)" } ?? "") + "  \(kind)"
        if let dimensions { line += " " + dimensions.map { "[\($0)]" }.joined() }
        if let limit { line += " of up to \(limit)" }
        if let minimum, let maximum { line += " \(minimum.short)...\(maximum.short)" }
        if let step, step != 1 { line += " step \(step)" }
        if let mask { line += " of 0x" + String(mask, radix: 16) }
        if let choices {
            line += " " + choices.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
        }
        if let defaultValue { line += "  default \(defaultValue.abbreviated)" }
        return traits.isEmpty ? line : line + "  " + traits.joined(separator: ", ")
    }
}

extension CameraControl.Traits {
    /// The traits for people, in the words of the kernel's documentation.
    var words: [String] {
        let words: [(CameraControl.Traits, String)] = [
            (.readOnly, "read-only"), (.writeOnly, "write-only"), (.busy, "busy"), (.inactive, "inactive"),
            (.volatile, "volatile"),
        ]
        return words.filter { contains($0.0) }.map(\.1)
    }
}

extension String {
    /// The text, or where a line would become too long for people, its beginning.
    fileprivate var abbreviated: String { count > 60 ? prefix(57) + "..." : self }
}

extension Double {
    /// The number without a fraction of zero.
    fileprivate var short: String {
        // The largest 64-bit integer has no double of its own.
        self == 0x1p63 ? "\(Int64.max)" : Int64(exactly: self).map(String.init) ?? "\(self)"
    }
}
