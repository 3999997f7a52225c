// SPDX-License-Identifier: MIT

#if X265
internal import CX265
internal import CameraCore

/// libx265's parameters for a configuration.
///
/// They are set in the x265 program's order, so that equal options give equal bytes: preset and tune, single options, the
/// profile.
final class X265Parameters: LibraryParameters {
    /// What x265's encoder is opened with.
    let values: UnsafeMutablePointer<x265_param>
    private let library: X265Library

    /// Sets the parameters.
    ///
    /// - Throws: `.invalidValue`, `.unknownOption` or `.unsupported` that names the option and the remedy.
    init(_ configuration: CodecConfiguration, _ library: X265Library) throws(CameraError) {
        let options = configuration.options
        try options.check(known: Self.knownOptions.union(options.parameters.keys), for: .h265)
        guard let values = library.functions.param_alloc() else {
            throw CameraError(.codec, Self.operation, reason: "there is no memory for the parameters")
        }
        self.library = library
        self.values = values
        // Freed ones must have been set, which those of a preset that x265 refuses are not.
        library.functions.param_default(values)
        try setPreset(options)
        try setPicture(configuration)
        try setRateControl(configuration)
        try setKeyFrames(options)
        values.pointee.logLevel = X265_LOG_NONE
        values.pointee.bRepeatHeaders = options.inlineHeaders == false ? 0 : 1
        values.pointee.bEmitInfoSEI = options.sei == true ? 1 : 0
        if let threads = options.threads { try setThreads(try Self.value(threads, of: "threads", in: 1...128)) }
        try setParameters(options.parameters)
        try checkBlocks(configuration.size)
        try setProfile(options.profile)
        try setLevel(options.level)
    }

    deinit {
        library.functions.param_free(values)
    }

    private static let knownOptions: Set = [
        "bitRate", "quality", "vbv", "preset", "tune", "profile", "level", "keyFrameInterval", "inlineHeaders", "sei",
        "threads",
    ]

    /// The sides of H.265's smallest blocks that x265 takes.
    private static let leastBlock = 16

    /// x265's live settings: the least work for a picture, and each picture comes out before the next goes in.
    private static let defaults = (preset: "ultrafast", tune: "zerolatency")

    private func setPreset(_ options: EncoderOptions) throws(CameraError) {
        let preset = options.preset ?? Self.defaults.preset
        try Self.checkPreset(preset, among: Self.names(in: x265_preset_names))
        let tune = options.tune ?? Self.defaults.tune
        let tuning = try Self.tunings(tune, among: Self.names(in: x265_tune_names)).first
        guard library.functions.param_default_preset(values, preset, tuning) == 0 else {
            throw Self.refusal(.invalidValue, "preset", "x265 refuses '\(preset)' with the tune '\(tune)'")
        }
    }

    private func setPicture(_ configuration: CodecConfiguration) throws(CameraError) {
        let size = try Self.evenSize(configuration.size, for: "H.265", leastSide: Self.leastBlock)
        let (numerator, denominator) = try Self.fraction(configuration.frameRate, for: "H.265")
        guard configuration.inputFormat == .yuv420 else {
            throw Self.refusal(.invalidValue, configuration.inputFormat.name, "the encoder takes yuv420")
        }
        values.pointee.internalCsp = X265_CSP_I420
        values.pointee.sourceWidth = Int32(size.width)
        values.pointee.sourceHeight = Int32(size.height)
        // A picture has one whole block at least, which presets make of 32 or 64 pixels.
        let side = UInt32(min(size.width, size.height))
        while values.pointee.maxCUSize > side { values.pointee.maxCUSize /= 2 }
        values.pointee.maxTUSize = min(values.pointee.maxTUSize, values.pointee.maxCUSize)
        values.pointee.fpsNum = numerator
        values.pointee.fpsDenom = denominator
        guard configuration.fieldOrder == .progressive else {
            throw Self.refusal(
                .unsupported, "\(configuration.fieldOrder)",
                "x265 takes no pictures of two fields; record h264, or deinterlace with ffmpeg -vf bwdif")
        }
        setColor(configuration.color)
        if configuration.pixelAspect != .square {
            // 255: the shape is told in numbers (H.265, table E.1).
            values.pointee.vui.aspectRatioIdc = 255
            values.pointee.vui.sarWidth = Int32(configuration.pixelAspect.width)
            values.pointee.vui.sarHeight = Int32(configuration.pixelAspect.height)
        }
    }

    /// Refuses blocks that were asked for and do not fit into the picture, which x265 does not say well.
    private func checkBlocks(_ size: Resolution) throws(CameraError) {
        let block = Int(values.pointee.maxCUSize)
        guard block > min(size.width, size.height) else { return }
        throw Self.refusal(.invalidValue, "ctu", "blocks of \(block) pixels do not fit into pictures of \(size)")
    }

    private func setColor(_ color: ColorSpace) {
        values.pointee.vui.bEnableVideoSignalTypePresentFlag = 1
        values.pointee.vui.bEnableVideoFullRangeFlag = color.range == .full ? 1 : 0
        // H.273: 2 stands for unspecified in all three.
        values.pointee.vui.bEnableColorDescriptionPresentFlag = 1
        values.pointee.vui.colorPrimaries = Int32(color.primaries.rawValue)
        values.pointee.vui.transferCharacteristics = Int32(color.transfer.rawValue)
        values.pointee.vui.matrixCoeffs = Int32(color.matrix.rawValue)
    }

    private func setKeyFrames(_ options: EncoderOptions) throws(CameraError) {
        // Key frames are points to cut at: no picture after one needs those before it.
        values.pointee.bOpenGOP = 0
        guard let interval = options.keyFrameInterval else { return }
        values.pointee.keyframeMax = Int32(try Self.value(interval, of: "keyFrameInterval", in: 0...(1 << 30)))
        if interval == 0 {
            values.pointee.keyframeMax = -1
            values.pointee.scenecutThreshold = 0
        }
    }

    private func setRateControl(_ configuration: CodecConfiguration) throws(CameraError) {
        let options = configuration.options
        try Self.checkCap(options)
        var bitRate = options.bitRate
        if let quality = options.quality {
            values.pointee.rc.rateControlMode = Int32(X265_RC_CRF.rawValue)
            values.pointee.rc.rfConstant = Double(try Self.value(quality, of: "quality", in: 0...51))
        } else {
            values.pointee.rc.rateControlMode = Int32(X265_RC_ABR.rawValue)
            bitRate = bitRate ?? Self.defaultBitRate(configuration)
        }
        guard let bitRate else { return }
        let rate = try Self.kilobits(bitRate)
        if options.quality == nil { values.pointee.rc.bitrate = rate }
        if options.vbv != EncoderOptions.VBV.none {
            values.pointee.rc.vbvMaxBitrate = rate
            values.pointee.rc.vbvBufferSize = rate
        }
    }

    /// Half of what H.264 gets: one bit for sixteen pixels, and half a megabit at least.
    private static func defaultBitRate(_ configuration: CodecConfiguration) -> Int {
        let rate = Double(configuration.size.pixelCount) * configuration.frameRate.framesPerSecond / 16
        return min(Int(max(rate, 500_000)), largestBitRate)
    }

    /// Thousands of bits per second, x265's unit.
    ///
    /// - Throws: `.invalidValue` for what x265 cannot do.
    static func kilobits(_ bitRate: Int) throws(CameraError) -> Int32 {
        let bitRate = try value(bitRate, of: "bitRate", in: 1000...largestBitRate)
        return Int32((bitRate + 500) / 1000)
    }

    private static let largestBitRate = 2_000_000_000

    /// One thread works alone; more share the rows of a picture.
    private func setThreads(_ threads: Int) throws(CameraError) {
        try set("pools", threads == 1 ? "none" : "\(threads)")
        if threads == 1 { values.pointee.frameNumThreads = 1 }
    }

    private func setParameters(_ parameters: [String: String]) throws(CameraError) {
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            if let reason = Self.reasonAgainst(parameter: name) { throw Self.refusal(.unsupported, name, reason) }
            try set(name, value)
        }
    }

    private func set(_ name: String, _ value: String) throws(CameraError) {
        switch library.functions.param_parse(values, name, value) {
        case 0: break
        case X265_PARAM_BAD_NAME:
            throw Self.refusal(.unknownOption, name, "x265 has no such parameter; 'x265 --fullhelp' lists them")
        default: throw Self.refusal(.invalidValue, name, "x265 does not take the value '\(value)'")
        }
    }

    /// Why a parameter of x265 cannot be set by its name; nil when it can.
    private static func reasonAgainst(parameter name: String) -> String? {
        var name = name.replacing("_", with: "-")
        if name.hasPrefix("no-") { name.removeFirst(3) }
        let options = [
            "bitrate": "bitRate", "crf": "quality", "keyint": "keyFrameInterval", "level": "level",
            "level-idc": "level", "pools": "threads", "repeat-headers": "inlineHeaders", "info": "sei",
            "hrd": "vbv",
        ]
        if let option = options[name] { return "use the option '\(option)'" }
        switch name {
        case "annexb", "fps", "input-res", "input-csp", "input-depth", "log", "log-level", "csv":
            return "the encoder sets it itself"
        case "open-gop": return "files could not be cut at their key frames then"
        case "interlace": return "pictures are progressive here"
        default: return nil
        }
    }

    private func setProfile(_ name: String?) throws(CameraError) {
        guard let name else { return }
        guard name == "main" else {
            throw Self.refusal(
                .invalidValue, "profile", "H.265 of eight bits and 4:2:0 colour has the profile main, not '\(name)'")
        }
        guard library.functions.param_apply_profile(values, name) == 0 else {
            throw Self.refusal(.invalidValue, "profile", "x265 cannot keep to \(name) with the other parameters")
        }
    }

    private func setLevel(_ name: String?) throws(CameraError) {
        guard let name else { return }
        let levels = ["1", "2", "2.1", "3", "3.1", "4", "4.1", "5", "5.1", "5.2", "6", "6.1", "6.2"]
        guard levels.contains(name.hasSuffix(".0") ? String(name.dropLast(2)) : name) else {
            throw Self.refusal(
                .invalidValue, "level", "'\(name)' is not a level of H.265: \(levels.joined(separator: ", "))")
        }
        try set("level-idc", name)
    }

    // MARK: - Messages

    static let operation = "configuring the H.265 encoder"
    static let library = "x265"
    static let combinableTunes: Set<String> = []
}
#endif
