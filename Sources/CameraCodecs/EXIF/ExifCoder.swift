// SPDX-License-Identifier: MIT

#if Pictures
internal import CEXIF
internal import CameraCore

/// Turns values into what a tag stores, and refuses those that it does not take.
struct ExifCoder {
    private let tag: ExifTagName
    private let kind: ExifTagKind

    /// Makes a coder for a tag.
    init(_ tag: ExifTagName) {
        self.tag = tag
        kind = ExifTagKind(tag.number, in: tag.ifd)
    }

    /// The field of a value.
    ///
    /// - Throws: `.invalidValue` that names the tag and what it takes.
    func field(_ value: ExifValue) throws(CameraError) -> ExifField {
        switch kind.storage {
        case .ascii: return try asciiField(value)
        case .undefined, .comment, .wideText: return try byteField(value)
        case .bytes:
            let numbers = if case .bytes(let bytes) = value { ExifValue.integers(bytes.map(Int.init)) } else { value }
            return try field(EXIF_FORMAT_BYTE, try integers(numbers, as: UInt8.self))
        case .shorts: return try field(EXIF_FORMAT_SHORT, try integers(value, as: UInt16.self))
        case .longs: return try field(EXIF_FORMAT_LONG, try integers(value, as: UInt32.self))
        case .signedShorts: return try field(EXIF_FORMAT_SSHORT, try integers(value, as: Int16.self))
        case .signedLongs: return try field(EXIF_FORMAT_SLONG, try integers(value, as: Int32.self))
        case .rationals: return try field(EXIF_FORMAT_RATIONAL, try rationals(value, as: UInt32.self))
        case .signedRationals: return try field(EXIF_FORMAT_SRATIONAL, try rationals(value, as: Int32.self))
        }
    }

    /// The letter of a latitude or longitude that was given in degrees; nil for all other values.
    func direction(of value: ExifValue) -> String? {
        guard case .angle(_, let positive, let negative) = kind.rule, let degrees = degrees(value) else { return nil }
        return degrees < 0 ? negative : positive
    }

    // MARK: - Text and bytes

    private func asciiField(_ value: ExifValue) throws(CameraError) -> ExifField {
        let text: String
        switch value {
        case .text(let given): text = given
        case .integers(let numbers) where numbers.count == 1: text = "\(numbers[0])"
        case .date(let moment):
            let local = LocalTime(moment)
            if case .day = kind.rule { text = local.day } else { text = local.moment }
        case .bytes(let bytes):
            return ExifField(
                tag.ifd, tag.number, EXIF_FORMAT_ASCII, count: bytes.count + (bytes.last == 0 ? 0 : 1),
                bytes.last == 0 ? bytes : bytes + [0])
        default: throw refusal("it takes text")
        }
        guard text.utf8.allSatisfy({ (1...127).contains($0) }) else {
            throw refusal("it takes text in ASCII; give .bytes for zeros or other encodings")
        }
        try check(text)
        return ExifField(tag.ifd, tag.number, text: text)
    }

    private func byteField(_ value: ExifValue) throws(CameraError) -> ExifField {
        let bytes: [UInt8]
        switch (kind.storage, value) {
        case (_, .bytes(let given)): bytes = given
        case (.comment, .text(let text)):
            // The names of the encodings: CIPA DC-008, table 9.
            bytes =
                text.utf8.allSatisfy { $0 < 128 }
                ? Array("ASCII\0\0\0".utf8) + Array(text.utf8)
                : Array("UNICODE\0".utf8) + text.utf16.flatMap { ExifField.bytes(of: $0) }
        case (.wideText, .text(let text)): bytes = text.utf16.flatMap { ExifField.bytes(of: $0) } + [0, 0]
        case (.undefined, .text(let text)): bytes = Array(text.utf8)
        case (_, .integers(let numbers)) where numbers.allSatisfy({ (0...255).contains($0) }):
            bytes = numbers.map { UInt8($0) }
        default: throw refusal("it takes text or bytes")
        }
        if kind.storage == .undefined { try check(count: bytes.count) }
        let format = kind.storage == .wideText ? EXIF_FORMAT_BYTE : EXIF_FORMAT_UNDEFINED
        return ExifField(tag.ifd, tag.number, format, count: bytes.count, bytes)
    }

    private func check(_ text: String) throws(CameraError) {
        func matches(_ pattern: String) -> Bool {
            text.utf8.count == pattern.utf8.count
                && zip(text.utf8, pattern.utf8).allSatisfy { character, place in
                    place == UInt8(ascii: "0")
                        ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) || character == UInt8(ascii: " ")
                        : character == place
                }
        }
        switch kind.rule {
        case .word(let words) where !words.contains(text):
            throw refusal("it takes \(words.joined(separator: " or ")) instead of '\(text)'")
        case .moment where !matches("0000:00:00 00:00:00"):
            throw refusal("it takes a date or text like 2026:01:31 23:59:59 instead of '\(text)'")
        case .day where !matches("0000:00:00"):
            throw refusal("it takes a date or text like 2026:01:31 instead of '\(text)'")
        case .offset where !matches("+00:00") && !matches("-00:00"):
            throw refusal("it takes text like +01:00 instead of '\(text)'")
        default: break
        }
    }

    // MARK: - Numbers

    private func field(_ format: ExifFormat, _ values: (count: Int, bytes: [UInt8])) throws(CameraError) -> ExifField {
        try check(count: values.count)
        return ExifField(tag.ifd, tag.number, format, count: values.count, values.bytes)
    }

    private func check(count: Int) throws(CameraError) {
        guard !kind.counts.contains(count) else { return }
        let (least, most) = (kind.counts.lowerBound, kind.counts.upperBound)
        let range = least == most ? "\(least)" : most == .max ? "at least \(least)" : "\(least) to \(most)"
        throw refusal("it takes \(range) values instead of \(count)")
    }

    private func integers<Integer: FixedWidthInteger>(
        _ value: ExifValue, as type: Integer.Type
    ) throws(CameraError) -> (count: Int, bytes: [UInt8]) {
        var numbers: [Int] = []
        for fraction in try fractions(value) {
            guard fraction.denominator == 1 else { throw refusal("it takes whole numbers") }
            numbers.append(fraction.numerator)
        }
        var bytes: [UInt8] = []
        for number in numbers {
            guard let stored = Integer(exactly: number) else {
                throw refusal("\(number) does not lie in \(Integer.min)...\(Integer.max)")
            }
            if case .choice(let choices) = kind.rule, !choices.contains(number) {
                let list = choices.map { "\($0)" }.joined(separator: ", ")
                let words = choices.count > 20 ? "0...\(choices.count - 1)" : "one of \(list)"
                throw refusal("it takes \(words) instead of \(number)")
            }
            bytes += ExifField.bytes(of: stored)
        }
        return (numbers.count, bytes)
    }

    private func rationals<Integer: FixedWidthInteger>(
        _ value: ExifValue, as type: Integer.Type
    ) throws(CameraError) -> (count: Int, bytes: [UInt8]) {
        let fractions = if let degrees = degrees(value) { sexagesimal(degrees) } else { try fractions(value) }
        var bytes: [UInt8] = []
        for fraction in fractions {
            guard let numerator = Integer(exactly: fraction.numerator),
                let denominator = Integer(exactly: fraction.denominator)
            else {
                throw refusal(
                    "\(fraction.numerator)/\(fraction.denominator) does not lie in \(Integer.min)...\(Integer.max)")
            }
            // 0/0 is how the standard writes a value that is not known.
            guard denominator != 0 || numerator == 0 else { throw refusal("\(numerator)/0 is no number") }
            bytes += ExifField.bytes(of: numerator) + ExifField.bytes(of: denominator)
        }
        try checkRange(fractions)
        return (fractions.count, bytes)
    }

    private func checkRange(_ fractions: [ExifValue.Rational]) throws(CameraError) {
        let values = fractions.map { $0.denominator == 0 ? 0 : Double($0.numerator) / Double($0.denominator) }
        switch kind.rule {
        case .range(let range) where !values.allSatisfy(range.contains):
            throw refusal("it takes \(range.lowerBound) to \(range.upperBound)")
        case .angle(let limit, _, _) where values.count == 3:
            let degrees = values[0] + values[1] / 60 + values[2] / 3600
            guard degrees <= limit, values[1] < 60, values[2] < 60 else {
                throw refusal("it takes at most \(Int(limit)) degrees, with minutes and seconds below 60")
            }
        default: break
        }
    }

    /// The numbers of a value, whatever it was written as.
    private func fractions(_ value: ExifValue) throws(CameraError) -> [ExifValue.Rational] {
        switch value {
        case .integers(let numbers): return numbers.map { ExifValue.Rational($0, 1) }
        case .rationals(let fractions): return fractions
        case .numbers(let numbers):
            var list: [ExifValue.Rational] = []
            for number in numbers { list.append(try fraction(number)) }
            return list
        case .text(let text):
            var list: [ExifValue.Rational] = []
            for part in text.split(separator: ",", omittingEmptySubsequences: false) { list.append(try fraction(part)) }
            return list
        case .bytes, .date, .degrees: throw refusal("it takes numbers")
        }
    }

    private func fraction(_ text: Substring) throws(CameraError) -> ExifValue.Rational {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, let numerator = Int(parts[0]), let denominator = Int(parts[1]) {
            return ExifValue.Rational(numerator, denominator)
        }
        if let number = Int(text) { return ExifValue.Rational(number, 1) }
        guard let number = Double(text) else {
            throw refusal("it takes numbers such as 5, 2.8 or 1/100, with commas between")
        }
        return try fraction(number)
    }

    /// The shortest decimal fraction of a number, reduced.
    private func fraction(_ number: Double) throws(CameraError) -> ExifValue.Rational {
        guard number.isFinite, abs(number) <= Double(UInt32.max) else { throw refusal("\(number) cannot be stored") }
        var scale = 1
        while scale < 1_000_000_000 {
            let scaled = number * Double(scale)
            // One digit more would not fit, or change anything.
            if abs(scaled - scaled.rounded()) <= abs(scaled) * 1e-12 || abs(scaled * 10) > Double(Int32.max) { break }
            scale *= 10
        }
        let numerator = Int((number * Double(scale)).rounded())
        let divisor = ExifValue.Rational.divisor(numerator, scale)
        return ExifValue.Rational(numerator / divisor, scale / divisor)
    }

    // MARK: - Degrees

    /// What a value is in degrees, for a latitude or longitude that was not given in three parts.
    private func degrees(_ value: ExifValue) -> Double? {
        guard case .angle = kind.rule else { return nil }
        switch value {
        case .degrees(let degrees): return degrees
        case .numbers(let numbers) where numbers.count == 1: return numbers[0]
        case .integers(let numbers) where numbers.count == 1: return Double(numbers[0])
        case .text(let text): return Double(text)
        default: return nil
        }
    }

    /// Degrees, minutes, and seconds with four decimals: 3 millimetres on the ground.
    private func sexagesimal(_ degrees: Double) -> [ExifValue.Rational] {
        // Larger than any limit, so that it is refused.
        let size = degrees.isFinite ? min(abs(degrees), 1000) : 1000
        let parts = Int((size * 36_000_000).rounded())
        return [
            ExifValue.Rational(parts / 36_000_000, 1), ExifValue.Rational(parts / 600_000 % 60, 1),
            ExifValue.Rational(parts % 600_000, 10000),
        ]
    }

    private func refusal(_ reason: String) -> CameraError { ExifTagName.refusal(tag.text, reason) }
}

extension ExifValue.Rational {
    /// The greatest common divisor, 1 at least.
    static func divisor(_ left: Int, _ right: Int) -> Int {
        var (left, right) = (abs(left), abs(right))
        while right != 0 { (left, right) = (right, left % right) }
        return max(left, 1)
    }
}
#endif
