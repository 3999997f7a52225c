// SPDX-License-Identifier: MIT

/// A setting that means the same on all cameras, with picamera's name and range.
///
/// ``VideoSource/settings()`` tells which settings a camera has, and in which range.
public enum CameraSetting: String, Hashable, Sendable, CaseIterable {
    /// The brightness, from 0 to 100; 50 is neutral.
    case brightness
    /// The contrast, from -100 to 100; 0 is neutral.
    case contrast
    /// The saturation, from -100 to 100; 0 is neutral, -100 has no colours.
    case saturation
    /// The sharpness, from -100 to 100; 0 is neutral.
    case sharpness
    /// How exposure is chosen: an ``ExposureMode``.
    case exposureMode = "exposure_mode"
    /// The compensation of the automatic exposure, in sixths of a stop from -25 to 25; above 0 is brighter.
    case exposureCompensation = "exposure_compensation"
    /// The exposure time that is set; 0 for automatic.
    case shutterSpeed = "shutter_speed"
    /// The exposure time in use; can only be read.
    case exposureSpeed = "exposure_speed"
    /// The sensor's sensitivity; 0 for automatic.
    case iso
    /// The analog gain of the sensor in use; can only be read.
    case analogGain = "analog_gain"
    /// The digital gain after the sensor in use; can only be read.
    case digitalGain = "digital_gain"
    /// The parts of the picture that the exposure is chosen for: a ``MeterMode``.
    case meterMode = "meter_mode"
    /// The mode of white balance: an ``AWBMode``.
    case awbMode = "awb_mode"
    /// The gains of red and blue where the white balance is not automatic: ``AWBGains``.
    case awbGains = "awb_gains"
    /// Degrees that pictures are turned clockwise: 0, 90, 180 or 270.
    case rotation
    /// Whether left and right are exchanged.
    case hflip
    /// Whether top and bottom are exchanged.
    case vflip
    /// The part of the picture that is taken: a ``ZoomRegion``.
    case zoom
    /// The difference from the nominal frame rate, in frames per second.
    case frameRateDelta = "framerate_delta"
    /// The rates that the automatic exposure may choose from: a ``FrameRateRange``.
    case frameRateRange = "framerate_range"
    /// Whether noise is reduced in video.
    case videoDenoise = "video_denoise"
    /// Whether noise is reduced in pictures.
    case imageDenoise = "image_denoise"
    /// Whether video is stabilised against the camera's shaking.
    case videoStabilization = "video_stabilization"
    /// The strength of dynamic range compression: a ``DRCStrength``.
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
