// SPDX-License-Identifier: MIT

extension CameraControl {
    /// The value to hand to the driver for one that was asked for.
    ///
    /// - Parameters:
    ///   - value: A value of the control's kind, or text that stands for one: a number, "on", the name of a choice.
    ///   - device: The camera, for the error's text.
    /// - Returns: The value in the form of the control's kind.
    /// - Throws: `.unsupported` when the control cannot be set; `.invalidValue` with what it takes.
    package func accepting(_ value: ControlValue, of device: String) throws(CameraError) -> ControlValue {
        let operation = "setting the control \(name) to \(value)"
        if traits.contains(.readOnly) {
            throw CameraError(.unsupported, operation, subject: device, reason: "it can only be read")
        }
        if traits.contains(.busy) {
            throw CameraError(
                .unsupported, operation, subject: device, reason: "it cannot change while the camera runs")
        }
        guard kind != .other else {
            throw CameraError(
                .unsupported, operation, subject: device, reason: "values of its kind cannot be set here")
        }
        guard let accepted = kind.accepted(value) else {
            throw CameraError(.invalidValue, operation, subject: device, reason: "it takes \(kind.domain)")
        }
        return accepted
    }
}

extension CameraControl.Kind {
    /// What the kind takes, in words.
    package var domain: String {
        switch self {
        case .integer(let range, let step): "numbers from \(range.words)" + (step > 1 ? " in steps of \(step)" : "")
        case .number(let range): "numbers from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "0 and 1, off and on"
        case .menu(let items): items.map { "\($0.number) (\($0.name))" }.joined(separator: ", ")
        case .bitmask(let mask): "the bits of 0x" + String(mask, radix: 16)
        case .text(let lengths): "text of \(lengths.lowerBound) to \(lengths.upperBound) bytes"
        case .array(let range, _, let dimensions):
            "\(dimensions.counts.lowerBound) numbers from \(range.words), with commas between them"
        case .list(let range, _, let limit):
            "up to \(limit) numbers from \(range.words), with commas between them"
        case .numbers(let range, let count):
            "\(count) numbers from \(range.lowerBound) to \(range.upperBound), with commas between them"
        case .button: "any value"
        case .other: "values that cannot be set here"
        }
    }

    /// The value in this kind's form; nil when the kind does not take it.
    fileprivate func accepted(_ value: ControlValue) -> ControlValue? {
        switch self {
        case .integer(let range, _): value.wholeNumber(in: range).map(ControlValue.integer)
        case .number(let range): value.fraction(in: range).map(ControlValue.number)
        case .boolean: value.isOn.map { .integer($0 ? 1 : 0) }
        case .menu(let items): items.choice(value).map(ControlValue.integer)
        case .bitmask(let mask): value.bits(in: mask).map(ControlValue.integer)
        case .text(let lengths): lengths.contains(value.description.utf8.count) ? .text(value.description) : nil
        case .array(let range, _, let dimensions): value.numbers(in: range, counts: dimensions.counts)
        case .list(let range, _, let limit): value.numbers(in: range, counts: 1...max(limit, 1))
        case .numbers(let range, let count):
            value.elements(count...count) { $0.fraction(in: range).map(ControlValue.number) }
        case .button: .integer(1)
        case .other: nil
        }
    }
}

extension ControlValue {
    fileprivate func wholeNumber(in range: ClosedRange<Int64>) -> Int64? {
        let number: Int64? =
            switch self {
            case .integer(let number): number
            case .number(let number): Int64(exactly: number)
            case .text(let text): Int64(text)
            case .array: nil
            }
        return number.flatMap { range.contains($0) ? $0 : nil }
    }

    fileprivate func fraction(in range: ClosedRange<Double>) -> Double? {
        let number: Double? =
            switch self {
            case .integer(let number): Double(number)
            case .number(let number): number
            case .text(let text): Double(text)
            case .array: nil
            }
        return number.flatMap { range.contains($0) ? $0 : nil }
    }

    fileprivate var isOn: Bool? { Bool(word: description) }

    /// A mask's bits, also in hexadecimal digits after 0x.
    fileprivate func bits(in mask: UInt32) -> Int64? {
        let text = description.lowercased()
        let number = text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
        return number.flatMap { $0 & ~mask == 0 ? Int64($0) : nil }
    }

    fileprivate func numbers(in range: ClosedRange<Int64>, counts: ClosedRange<Int>) -> ControlValue? {
        elements(counts) { $0.wholeNumber(in: range).map(ControlValue.integer) }
    }

    /// All elements of an array, as `element` makes them; nil when one is none.
    fileprivate func elements(_ counts: ClosedRange<Int>, _ element: (ControlValue) -> ControlValue?) -> ControlValue? {
        let values: [ControlValue] =
            switch self {
            case .array(let values): values
            case .text(let text):
                text.split(separator: ",", omittingEmptySubsequences: false).map { .text(String($0)) }
            case .integer, .number: [self]
            }
        let made = values.compactMap(element)
        guard made.count == values.count, counts.contains(made.count) else { return nil }
        return .array(made)
    }
}

extension [CameraControl.MenuItem] {
    /// The number of a choice that is named, or given by its number.
    fileprivate func choice(_ value: ControlValue) -> Int64? {
        let text = value.description.lowercased()
        // Numbers come first: the names of an integer menu are numbers too.
        let item = first { "\($0.number)" == text } ?? first { $0.name.lowercased() == text }
        return item?.number
    }
}

extension [Int] {
    /// The one count of elements that an array of these dimensions has.
    fileprivate var counts: ClosedRange<Int> {
        let count = reduce(1) { $0.saturatingMultiply(by: $1) }
        return count...count
    }
}

extension ClosedRange<Int64> {
    fileprivate var words: String { "\(lowerBound) to \(upperBound)" }
}
