// SPDX-License-Identifier: MIT

#if X264
internal import CX264
internal import CameraCore

/// libx264's parameters for a configuration.
///
/// They are set in the x264 program's order, so that equal options give equal bytes: preset and tune, single options, the
/// profile, then fewer reference pictures where the level demands it. Source: `parse` in x264.c. A profile that is asked
/// for is more than the program's, for which it is only a limit: what the preset leaves out of it is turned on.
final class X264Parameters: LibraryParameters {
    /// What ``cx264_encoder_open(_:)`` takes.
    var values = x264_param_t()
    /// The level that the user wants; nil for x264's choice.
    let level: H264Level?
    /// The profile that the stream must have; nil for what the preset makes.
    private let profile: Profile?

    /// Sets the parameters.
    ///
    /// - Throws: `.invalidValue`, `.unknownOption` or `.unsupported` that names the option and the remedy.
    init(_ configuration: CodecConfiguration) throws(CameraError) {
        let options = configuration.options
        try options.check(known: Self.knownOptions.union(options.parameters.keys), for: .h264)
        level = try options.level.map { (name) throws(CameraError) in try H264Level(named: name) }
        profile = try Self.profile(options, level)
        try setPreset(options)
        turnOnProfile()
        try setPicture(configuration)
        try setRateControl(configuration)
        try setKeyFrames(options)
        values.b_repeat_headers = options.inlineHeaders == false ? 0 : 1
        values.i_threads = Int32(try Self.value(options.threads ?? 1, of: "threads", in: 1...128))
        if options.spsTiming == false {
            throw Self.refusal(.unsupported, "spsTiming", "x264 always writes the frame rate; leave the option out")
        }
        try setParameters(options.parameters)
        try limitToProfile()
        try setLevel(configuration)
    }

    deinit {
        x264_param_cleanup(&values)
    }

    private static let knownOptions: Set = [
        "bitRate", "quality", "vbv", "preset", "tune", "profile", "level", "keyFrameInterval", "intraRefresh",
        "inlineHeaders", "sei", "spsTiming", "threads",
    ]

    /// x264's live settings: the least work for a picture, and each picture comes out before the next goes in.
    private static let defaults = (preset: "ultrafast", tune: "zerolatency")

    // MARK: - Preset, tune and profile

    private func setPreset(_ options: EncoderOptions) throws(CameraError) {
        let preset = options.preset ?? Self.defaults.preset
        try Self.checkPreset(preset, among: Self.names(in: x264_preset_names))
        let tune = options.tune ?? Self.defaults.tune
        let wanted = try Self.tunings(tune, among: Self.names(in: x264_tune_names))
        let tuning = wanted.isEmpty ? nil : wanted.joined(separator: ",")
        guard x264_param_default_preset(&values, preset, tuning) == 0 else {
            throw Self.refusal(.invalidValue, "preset", "x264 refuses '\(preset)' with the tune '\(tune)'")
        }
    }

    /// The profiles for pictures of 4:2:0 and eight bits.
    private enum Profile: String {
        case baseline
        case main
        case high

        init?(named name: String) {
            self.init(rawValue: name == "constrained" ? "baseline" : name)
        }

        /// What a stream says that keeps to it, by ``StreamProfile``.
        var streamName: String {
            switch self {
            case .baseline: "Constrained Baseline"
            case .main: "Main"
            case .high: "High"
            }
        }
    }

    /// The profile that was asked for, or that the level's bit rate needs.
    private static func profile(_ options: EncoderOptions, _ level: H264Level?) throws(CameraError) -> Profile? {
        guard let name = options.profile else {
            guard let level, let bitRate = options.bitRate else { return nil }
            return bitRate > level.largestBitRate(highProfile: false) ? .high : nil
        }
        guard let profile = Profile(named: name) else {
            throw refusal(
                name == "extended" ? .unsupported : .invalidValue, "profile",
                "x264 has no profile '\(name)' for such pictures; it has baseline, constrained (the same), main "
                    + "and high")
        }
        return profile
    }

    /// Turns on what makes a stream one of its profile, which fast presets leave out.
    private func turnOnProfile() {
        guard let profile, profile != .baseline else { return }
        values.b_cabac = 1
        if profile == .high { values.analyse.b_transform_8x8 = 1 }
    }

    /// Turns off what is beyond the profile.
    private func limitToProfile() throws(CameraError) {
        guard let profile else { return }
        guard profile != .baseline || values.b_interlaced == 0 else {
            throw Self.refusal(
                .unsupported, "profile",
                "\(profile) has no interlaced pictures; ask for main or high, or deinterlace them "
                    + "with ffmpeg -vf bwdif")
        }
        let rc = values.rc
        let isLossless =
            rc.i_rc_method == X264_RC_CRF && rc.f_rf_constant < 1
            || rc.i_rc_method == X264_RC_CQP && rc.i_qp_constant <= 0
        if isLossless {
            throw Self.refusal(
                .invalidValue, "profile",
                "\(profile) has no lossless pictures; raise the quality value to 1 or more, or "
                    + "leave the profile out")
        }
        guard x264_param_apply_profile(&values, profile.rawValue) == 0 else {
            throw Self.refusal(.invalidValue, "profile", "x264 cannot keep to \(profile) with the other parameters")
        }
    }

    /// Checks that a stream has the profile that was asked for.
    ///
    /// - Parameter headers: The parameter sets of the encoder that was opened with these parameters.
    /// - Throws: `.invalidValue` when parameters by x264's names make another one.
    func checkProfile(of headers: [UInt8]) throws(CameraError) {
        guard let profile, let made = StreamProfile.name(in: headers, of: .h264), made != profile.streamName else {
            return
        }
        throw Self.refusal(
            .invalidValue, "profile",
            "with the other parameters x264 makes \(made), not \(profile); leave out those that turn off CABAC or the "
                + "8x8 transform, or the profile")
    }

    // MARK: - Pictures

    private func setPicture(_ configuration: CodecConfiguration) throws(CameraError) {
        let size = try Self.evenSize(configuration.size, for: "H.264")
        let (numerator, denominator) = try Self.fraction(configuration.frameRate, for: "H.264")
        switch configuration.inputFormat {
        case .nv12: values.i_csp = X264_CSP_NV12
        case .yuv420: values.i_csp = X264_CSP_I420
        default:
            throw Self.refusal(.invalidValue, configuration.inputFormat.name, "the encoder takes nv12 and yuv420")
        }
        values.i_width = Int32(size.width)
        values.i_height = Int32(size.height)
        values.i_fps_num = numerator
        values.i_fps_den = denominator
        values.i_timebase_num = denominator
        values.i_timebase_den = numerator
        values.b_vfr_input = 0
        setColor(configuration.color)
        if configuration.pixelAspect != .square {
            values.vui.i_sar_width = Int32(configuration.pixelAspect.width)
            values.vui.i_sar_height = Int32(configuration.pixelAspect.height)
        }
        try setFields(configuration.fieldOrder, size)
    }

    private func setFields(_ order: FieldOrder, _ size: Resolution) throws(CameraError) {
        guard order != .progressive else { return }
        guard size.height % 4 == 0 else {
            throw Self.refusal(
                .unsupported, "\(size)",
                "interlaced pictures of H.264 have a height of four, eight, twelve and so on; resize them to that")
        }
        values.b_interlaced = 1
        values.b_tff = order == .topFirst ? 1 : 0
    }

    private func setColor(_ color: ColorSpace) {
        if color.primaries != .unspecified { values.vui.i_colorprim = Int32(color.primaries.rawValue) }
        if color.transfer != .unspecified { values.vui.i_transfer = Int32(color.transfer.rawValue) }
        if color.matrix != .unspecified { values.vui.i_colmatrix = Int32(color.matrix.rawValue) }
        values.vui.b_fullrange = color.range == .full ? 1 : 0
    }

    private func setKeyFrames(_ options: EncoderOptions) throws(CameraError) {
        if let interval = options.keyFrameInterval {
            let most = Int(X264_KEYINT_MAX_INFINITE)
            values.i_keyint_max = Int32(try Self.value(interval, of: "keyFrameInterval", in: 0...most))
            if interval == 0 {
                values.i_keyint_max = X264_KEYINT_MAX_INFINITE
                values.i_scenecut_threshold = 0
            }
        }
        if options.intraRefresh == .cyclic { values.b_intra_refresh = 1 }
    }

    // MARK: - Rate control

    private func setRateControl(_ configuration: CodecConfiguration) throws(CameraError) {
        let options = configuration.options
        var bitRate = options.bitRate
        if let quality = options.quality {
            values.rc.i_rc_method = X264_RC_CRF
            values.rc.f_rf_constant = Float(try Self.value(quality, of: "quality", in: 0...51))
            try Self.checkCap(options)
        } else {
            values.rc.i_rc_method = X264_RC_ABR
            bitRate = bitRate ?? defaultBitRate(configuration)
        }
        guard let bitRate else { return }
        let rate = try Self.kilobits(bitRate)
        if values.rc.i_rc_method == X264_RC_ABR { values.rc.i_bitrate = rate }
        if options.vbv != EncoderOptions.VBV.none {
            values.rc.i_vbv_max_bitrate = rate
            values.rc.i_vbv_buffer_size = rate
        }
    }

    /// One bit for eight pixels, 7.8 Mb/s at 1080p30, and a megabit at least, but no more than the level allows: enough for
    /// the live preset.
    private func defaultBitRate(_ configuration: CodecConfiguration) -> Int {
        let rate = Double(configuration.size.pixelCount) * configuration.frameRate.framesPerSecond / 8
        return min(Int(max(rate, 1_000_000)), level?.largestBitRate(highProfile: false) ?? Self.largestBitRate)
    }

    private func setLevel(_ configuration: CodecConfiguration) throws(CameraError) {
        guard let level else { return }
        try checkLevel(configuration, bitRate: configuration.options.bitRate)
        values.i_level_idc = Int32(level.idc)
        guard configuration.options.parameters["ref"] == nil else { return }
        while values.i_frame_reference > 1,
            configuration.size.macroblocks * Int(values.i_frame_reference) > level.macroblocksOfReferences
        {
            values.i_frame_reference -= 1
        }
    }

    /// Refuses a bit rate, and the size and the frame rate with it, that the wanted level does not allow.
    func checkLevel(_ configuration: CodecConfiguration, bitRate: Int?) throws(CameraError) {
        try level?.check(
            size: configuration.size, frameRate: configuration.frameRate, bitRate: bitRate,
            // What makes x264 write that profile (`x264_sps_init` in set.c).
            highProfile: values.analyse.b_transform_8x8 != 0 || values.i_cqm_preset != X264_CQM_FLAT)
    }

    /// Thousands of bits per second, x264's unit.
    ///
    /// - Throws: `.invalidValue` for what x264 cannot do.
    static func kilobits(_ bitRate: Int) throws(CameraError) -> Int32 {
        let bitRate = try value(bitRate, of: "bitRate", in: 1000...largestBitRate)
        return Int32((bitRate + 500) / 1000)
    }

    /// x264 lowers what is higher (`validate_parameters` in encoder.c).
    private static let largestBitRate = 2_000_000_000

    // MARK: - Parameters by x264's names

    private func setParameters(_ parameters: [String: String]) throws(CameraError) {
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            if let reason = Self.reasonAgainst(parameter: name) { throw Self.refusal(.unsupported, name, reason) }
            switch x264_param_parse(&values, name, value) {
            case 0: break
            case X264_PARAM_BAD_NAME:
                throw Self.refusal(.unknownOption, name, "x264 has no such parameter; 'x264 --fullhelp' lists them")
            default: throw Self.refusal(.invalidValue, name, "x264 does not take the value '\(value)'")
            }
        }
    }

    /// Why a parameter of x264 cannot be set by its name; nil when it can.
    private static func reasonAgainst(parameter name: String) -> String? {
        var name = name.replacing("_", with: "-")
        if name.hasPrefix("no-") { name.removeFirst(3) }
        let options = [
            "bitrate": "bitRate", "crf": "quality", "keyint": "keyFrameInterval", "intra-refresh": "intraRefresh",
            "level": "level", "level-idc": "level", "threads": "threads", "repeat-headers": "inlineHeaders",
            "global-header": "inlineHeaders",
        ]
        if let option = options[name] { return "use the option '\(option)'" }
        switch name {
        case "annexb", "fps", "force-cfr", "log": return "the encoder sets it itself"
        case "interlaced", "tff", "bff", "fake-interlaced": return "pictures are progressive here"
        default: return nil
        }
    }

    // MARK: - Messages

    static let operation = "configuring the H.264 encoder"
    static let library = "x264"
    static let combinableTunes: Set = ["fastdecode", "zerolatency"]
}
#endif
