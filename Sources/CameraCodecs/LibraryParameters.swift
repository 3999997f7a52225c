// SPDX-License-Identifier: MIT

internal import CameraCore

/// Checks that the parameters of encoding libraries have in common.
protocol LibraryParameters {
    /// What is done, for messages: "configuring the H.264 encoder".
    static var operation: String { get }
    /// The library, for messages: "x264".
    static var library: String { get }
    /// Tunings that can be combined with others, of which the library takes one.
    static var combinableTunes: Set<String> { get }
}

extension LibraryParameters {
    static func refusal(_ code: CameraError.Code, _ subject: String, _ reason: String) -> CameraError {
        CameraError(code, operation, subject: subject, reason: reason)
    }

    static func value(_ value: Int, of name: String, in range: ClosedRange<Int>) throws(CameraError) -> Int {
        guard range.contains(value) else {
            throw refusal(.invalidValue, name, "\(value) does not lie in \(range.lowerBound)...\(range.upperBound)")
        }
        return value
    }

    /// The strings of one of the lists in a library's header, which end with a null pointer.
    static func names<List>(in list: List) -> [String] {
        withUnsafeBytes(of: list) { bytes in
            bytes.bindMemory(to: UnsafePointer<CChar>?.self).compactMap { $0.map { String(cString: $0) } }
        }
    }

    /// Checks a preset's name, since libraries write to standard error about those that they do not know.
    static func checkPreset(_ preset: String, among presets: [String]) throws(CameraError) {
        guard presets.contains(preset) else {
            let list = presets.joined(separator: ", ")
            throw refusal(
                .invalidValue, "preset", "'\(preset)' is not one of \(list)\(preset.suggestion(among: presets))")
        }
    }

    /// The tunings of a list such as "film,zerolatency"; none of "none".
    static func tunings(_ tune: String, among tunes: [String]) throws(CameraError) -> [String] {
        let wanted = tune == "none" ? [] : tune.split(whereSeparator: { ",./-+".contains($0) }).map(String.init)
        guard tune == "none" || !wanted.isEmpty, wanted.allSatisfy(tunes.contains) else {
            let list = tunes.joined(separator: ", ")
            throw refusal(
                .invalidValue, "tune", "'\(tune)' is not 'none' or of \(list)\(tune.suggestion(among: tunes))")
        }
        guard wanted.count(where: { !combinableTunes.contains($0) }) <= 1 else {
            throw refusal(
                .invalidValue, "tune",
                "'\(tune)' has two tunings for a kind of picture; \(library) takes one of them")
        }
        return wanted
    }

    /// The size of pictures with 4:2:0 colour, whose sides have a least length.
    static func evenSize(
        _ size: Resolution, for format: String, leastSide: Int = 2
    ) throws(CameraError) -> Resolution {
        let size = try size.validated(operation)
        let fitting = Resolution(max(size.width & ~1, leastSide), max(size.height & ~1, leastSide))
        guard size.width.isMultiple(of: 2), size.height.isMultiple(of: 2) else {
            throw refusal(
                .invalidValue, "\(size)",
                "\(format) with 4:2:0 colour needs an even width and height; resize to \(fitting)")
        }
        guard size == fitting else {
            throw refusal(
                .invalidValue, "\(size)", "\(format) needs \(leastSide)x\(leastSide) or more; resize to \(fitting)")
        }
        return size
    }

    /// The frame rate as a fraction of 32-bit numbers.
    static func fraction(
        _ frameRate: FrameRate, for format: String
    ) throws(CameraError) -> (numerator: UInt32, denominator: UInt32) {
        let rate = try frameRate.validated(operation)
        guard let numerator = UInt32(exactly: rate.numerator), let denominator = UInt32(exactly: rate.denominator)
        else {
            throw refusal(.invalidValue, "\(rate)", "the frame rate is too fine a fraction for \(format); round it")
        }
        return (numerator, denominator)
    }

    /// Refuses a cap without the buffer that it needs.
    static func checkCap(_ options: EncoderOptions) throws(CameraError) {
        if options.quality != nil, options.bitRate != nil, options.vbv == EncoderOptions.VBV.none {
            throw refusal(
                .invalidValue, "vbv",
                "with a quality the bit rate is a cap, which needs the VBV; leave out one of the three")
        }
    }
}
