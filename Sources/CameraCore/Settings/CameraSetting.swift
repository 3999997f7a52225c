// SPDX-License-Identifier: MIT

/// A setting that means the same on all cameras: picamera's, with its names and ranges.
///
/// Which of them a camera has, and in which range, ``VideoSource/settings()`` tells.
public enum CameraSetting: String, Hashable, Sendable, CaseIterable {
    /// From 0 to 100; 50 is neutral.
    case brightness
    /// From -100 to 100; 0 is neutral.
    case contrast
    /// From -100 to 100; 0 is neutral, -100 has no colours.
    case saturation
    /// From -100 to 100; 0 is neutral.
    case sharpness
    /// How exposure is chosen: an ``ExposureMode``.
    case exposureMode = "exposure_mode"
    /// Sixths of a stop that the automatic exposes more: from -25 to 25.
    case exposureCompensation = "exposure_compensation"
    /// The time of exposure; 0 for automatic.
    case shutterSpeed = "shutter_speed"
    /// The time of exposure that is in use; can only be read.
    case exposureSpeed = "exposure_speed"
    /// The sensor's sensitivity; 0 for automatic.
    case iso
    /// The sensor's amplification that is in use; can only be read.
    case analogGain = "analog_gain"
    /// The amplification behind the sensor that is in use; can only be read.
    case digitalGain = "digital_gain"
    /// What parts of the picture exposure is chosen for: a ``MeterMode``.
    case meterMode = "meter_mode"
    /// What light is taken for white: an ``AWBMode``.
    case awbMode = "awb_mode"
    /// The factors of red and blue where the white balance is not automatic: ``AWBGains``.
    case awbGains = "awb_gains"
    /// Degrees that pictures are turned clockwise: 0, 90, 180 or 270.
    case rotation
    /// Whether left and right are exchanged.
    case hflip
    /// Whether top and bottom are exchanged.
    case vflip
    /// The part of the picture that is taken: a ``ZoomRegion``.
    case zoom
    /// What is added to the frame rate, frames per second.
    case frameRateDelta = "framerate_delta"
    /// The rates that the automatic exposure may choose from: a ``FrameRateRange``.
    case frameRateRange = "framerate_range"
    /// Whether noise is taken out of video.
    case videoDenoise = "video_denoise"
    /// Whether noise is taken out of pictures.
    case imageDenoise = "image_denoise"
    /// Whether the camera's shaking is taken out of video.
    case videoStabilization = "video_stabilization"
    /// How much dark parts are lifted: a ``DRCStrength``.
    case drcStrength = "drc_strength"
    /// When the flash fires: a ``FlashMode``.
    case flashMode = "flash_mode"
    /// A filter of the camera: an ``ImageEffect``.
    case imageEffect = "image_effect"
}

extension CameraSetting: CustomStringConvertible {
    /// picamera's name: "shutter_speed".
    public var description: String { rawValue }
}
