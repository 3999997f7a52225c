// SPDX-License-Identifier: MIT

internal import CV4L2

/// Numbers of the controls of encoders (`linux/v4l2-controls.h`).
package enum EncoderControl {
    /// Whether the stream tells the shape of its pixels (`V4L2_CID_MPEG_VIDEO_H264_VUI_SAR_ENABLE`).
    package static let tellsAspect = UInt32(V4L2_CID_MPEG_VIDEO_H264_VUI_SAR_ENABLE)
    /// How it tells that (`V4L2_CID_MPEG_VIDEO_H264_VUI_SAR_IDC`).
    package static let aspectKind = UInt32(V4L2_CID_MPEG_VIDEO_H264_VUI_SAR_IDC)
    package static let extendedAspect = Int64(V4L2_MPEG_VIDEO_H264_VUI_SAR_IDC_EXTENDED.rawValue)
    /// The shape itself, where it is none of those with a number of their own.
    package static let aspectWidth = UInt32(V4L2_CID_MPEG_VIDEO_H264_VUI_EXT_SAR_WIDTH)
    package static let aspectHeight = UInt32(V4L2_CID_MPEG_VIDEO_H264_VUI_EXT_SAR_HEIGHT)
    /// The fewest buffers that the raw queue needs (`V4L2_CID_MIN_BUFFERS_FOR_OUTPUT`).
    package static let minimumRawBuffers = UInt32(V4L2_CID_MIN_BUFFERS_FOR_OUTPUT)
    /// Bits per second.
    package static let bitRate = UInt32(V4L2_CID_MPEG_VIDEO_BITRATE)
    /// Whether rate control works frame by frame.
    package static let frameRateControl = UInt32(V4L2_CID_MPEG_VIDEO_FRAME_RC_ENABLE)
    /// Frames between key frames.
    package static let groupSize = UInt32(V4L2_CID_MPEG_VIDEO_GOP_SIZE)
    /// Frames between key frames of H.264, by drivers that have two words for it.
    package static let keyFramePeriod = UInt32(V4L2_CID_MPEG_VIDEO_H264_I_PERIOD)
    /// Pictures between others that need later ones.
    package static let bidirectionalFrames = UInt32(V4L2_CID_MPEG_VIDEO_B_FRAMES)
    /// A button that makes the next frame a key frame.
    package static let forceKeyFrame = UInt32(V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME)
    /// Whether each key frame has the parameter sets in front.
    package static let repeatHeaders = UInt32(V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER)
    /// The same, by the word of drivers for H.264.
    package static let prependHeaders = UInt32(V4L2_CID_MPEG_VIDEO_PREPEND_SPSPPS_TO_IDR)
    /// Whether the headers have a buffer of their own.
    package static let headerMode = UInt32(V4L2_CID_MPEG_VIDEO_HEADER_MODE)
    /// The choice of ``headerMode`` by which they are in front of the first picture.
    package static let headersJoined = Int64(V4L2_MPEG_VIDEO_HEADER_MODE_JOINED_WITH_1ST_FRAME.rawValue)
    /// The profile of H.264.
    package static let profileH264 = UInt32(V4L2_CID_MPEG_VIDEO_H264_PROFILE)
    /// The level of H.264.
    package static let levelH264 = UInt32(V4L2_CID_MPEG_VIDEO_H264_LEVEL)
    /// The profile of H.265.
    package static let profileH265 = UInt32(V4L2_CID_MPEG_VIDEO_HEVC_PROFILE)
    /// The level of H.265.
    package static let levelH265 = UInt32(V4L2_CID_MPEG_VIDEO_HEVC_LEVEL)

    /// The choices of ``profileH264`` by the names of options.
    package static let profilesH264: [String: Int64] = [
        "baseline": Int64(V4L2_MPEG_VIDEO_H264_PROFILE_BASELINE.rawValue),
        "constrained": Int64(V4L2_MPEG_VIDEO_H264_PROFILE_CONSTRAINED_BASELINE.rawValue),
        "main": Int64(V4L2_MPEG_VIDEO_H264_PROFILE_MAIN.rawValue),
        "high": Int64(V4L2_MPEG_VIDEO_H264_PROFILE_HIGH.rawValue),
    ]
    /// The choices of ``profileH265`` by the names of options.
    package static let profilesH265: [String: Int64] = [
        "main": Int64(V4L2_MPEG_VIDEO_HEVC_PROFILE_MAIN.rawValue),
        "main10": Int64(V4L2_MPEG_VIDEO_HEVC_PROFILE_MAIN_10.rawValue),
    ]
    /// The choices of ``levelH264``, which count the levels by their names, from the lowest.
    package static let levelsH264: [String: Int64] = numbered([
        "1", "1b", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "3", "3.1", "3.2", "4", "4.1", "4.2", "5", "5.1", "5.2", "6",
        "6.1", "6.2",
    ])
    /// The choices of ``levelH265``, which count the levels by their names, from the lowest.
    package static let levelsH265: [String: Int64] = numbered([
        "1", "2", "2.1", "3", "3.1", "4", "4.1", "5", "5.1", "5.2", "6", "6.1", "6.2",
    ])

    private static func numbered(_ names: [String]) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, Int64($0.offset)) })
    }
}
