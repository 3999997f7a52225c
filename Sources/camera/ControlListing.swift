// SPDX-License-Identifier: MIT

internal import CameraKit

/// A control as `camera list` and `camera controls` show it.
struct ControlListing: Encodable {
    let name: String
    let kind: String
    let value: String?
    let defaultValue: String?
    let minimum: Int64?
    let maximum: Int64?
    let step: Int64?
    /// The names of a menu's choices by their numbers.
    let choices: [Int: String]?
    let isWritable: Bool

    init(_ control: CameraControl) {
        name = control.name
        value = control.value?.description
        defaultValue = control.defaultValue?.description
        isWritable = control.isWritable
        var range: (ClosedRange<Int64>, step: Int64)?
        var items: [CameraControl.MenuItem]?
        switch control.kind {
        case .integer(let values, let step): (kind, range) = ("integer", (values, step))
        case .boolean: kind = "boolean"
        case .menu(let choices): (kind, items) = ("menu", choices)
        case .text(let lengths):
            (kind, range) = ("text", (Int64(lengths.lowerBound)...Int64(lengths.upperBound), 1))
        case .button: kind = "button"
        case .other: kind = "other"
        }
        minimum = range?.0.lowerBound
        maximum = range?.0.upperBound
        step = range?.step
        choices = items.map { Dictionary($0.map { (Int($0.number), $0.name) }) { first, _ in first } }
    }

    /// One line for people.
    var text: String {
        var line = name + (value.map { "=\($0)" } ?? "")
        line += "  \(kind)"
        if let minimum, let maximum { line += " \(minimum)...\(maximum)" }
        if let step, step != 1 { line += " step \(step)" }
        if let choices {
            line += " " + choices.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
        }
        if let defaultValue { line += "  default \(defaultValue)" }
        return isWritable ? line : line + "  fixed now"
    }
}
