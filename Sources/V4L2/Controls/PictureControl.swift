// SPDX-License-Identifier: MIT

internal import CV4L2

/// The kernel's numbers of controls that change pictures (`linux/v4l2-controls.h`), and of some of their choices.
package enum PictureControl {
    package static let brightness = UInt32(V4L2_CID_BRIGHTNESS)
    package static let contrast = UInt32(V4L2_CID_CONTRAST)
    package static let saturation = UInt32(V4L2_CID_SATURATION)
    package static let sharpness = UInt32(V4L2_CID_SHARPNESS)
    package static let horizontalFlip = UInt32(V4L2_CID_HFLIP)
    package static let verticalFlip = UInt32(V4L2_CID_VFLIP)
    /// Degrees, clockwise.
    package static let rotation = UInt32(V4L2_CID_ROTATE)
    package static let colorEffect = UInt32(V4L2_CID_COLORFX)
    /// Without a unit.
    package static let gain = UInt32(V4L2_CID_GAIN)
    package static let gainAutomatic = UInt32(V4L2_CID_AUTOGAIN)
    package static let whiteBalanceAutomatic = UInt32(V4L2_CID_AUTO_WHITE_BALANCE)
    /// Kelvins.
    package static let whiteBalanceTemperature = UInt32(V4L2_CID_WHITE_BALANCE_TEMPERATURE)
    package static let whiteBalancePreset = UInt32(V4L2_CID_AUTO_N_PRESET_WHITE_BALANCE)
    /// Without a unit.
    package static let redBalance = UInt32(V4L2_CID_RED_BALANCE)
    /// Without a unit.
    package static let blueBalance = UInt32(V4L2_CID_BLUE_BALANCE)
    package static let exposureMode = UInt32(V4L2_CID_EXPOSURE_AUTO)
    /// Units of 100 microseconds.
    package static let exposureTime = UInt32(V4L2_CID_EXPOSURE_ABSOLUTE)
    /// A menu of thousandths of a stop.
    package static let exposureBias = UInt32(V4L2_CID_AUTO_EXPOSURE_BIAS)
    package static let exposureMetering = UInt32(V4L2_CID_EXPOSURE_METERING)
    package static let sceneMode = UInt32(V4L2_CID_SCENE_MODE)
    /// A menu of thousandths of an ISO number.
    package static let sensitivity = UInt32(V4L2_CID_ISO_SENSITIVITY)
    package static let sensitivityAutomatic = UInt32(V4L2_CID_ISO_SENSITIVITY_AUTO)
    package static let wideDynamicRange = UInt32(V4L2_CID_WIDE_DYNAMIC_RANGE)
    package static let imageStabilization = UInt32(V4L2_CID_IMAGE_STABILIZATION)
    package static let flashMode = UInt32(V4L2_CID_FLASH_LED_MODE)

    /// Choices of ``exposureMode``: all automatic, all by hand, the time by hand, the time automatic.
    package enum Exposure {
        package static let automatic = Int64(V4L2_EXPOSURE_AUTO.rawValue)
        package static let manual = Int64(V4L2_EXPOSURE_MANUAL.rawValue)
        package static let shutterPriority = Int64(V4L2_EXPOSURE_SHUTTER_PRIORITY.rawValue)
        package static let aperturePriority = Int64(V4L2_EXPOSURE_APERTURE_PRIORITY.rawValue)
    }

    /// Choices of ``sceneMode``.
    package enum Scene {
        package static let none = Int64(V4L2_SCENE_MODE_NONE.rawValue)
        package static let backlight = Int64(V4L2_SCENE_MODE_BACKLIGHT.rawValue)
        package static let beachAndSnow = Int64(V4L2_SCENE_MODE_BEACH_SNOW.rawValue)
        package static let fireworks = Int64(V4L2_SCENE_MODE_FIREWORKS.rawValue)
        package static let night = Int64(V4L2_SCENE_MODE_NIGHT.rawValue)
        package static let sports = Int64(V4L2_SCENE_MODE_SPORTS.rawValue)
    }

    /// Choices of ``exposureMetering``.
    package enum Metering {
        package static let average = Int64(V4L2_EXPOSURE_METERING_AVERAGE.rawValue)
        package static let spot = Int64(V4L2_EXPOSURE_METERING_SPOT.rawValue)
        package static let matrix = Int64(V4L2_EXPOSURE_METERING_MATRIX.rawValue)
    }

    /// Choices of ``whiteBalancePreset``.
    package enum WhiteBalance {
        package static let manual = Int64(V4L2_WHITE_BALANCE_MANUAL.rawValue)
        package static let automatic = Int64(V4L2_WHITE_BALANCE_AUTO.rawValue)
        package static let incandescent = Int64(V4L2_WHITE_BALANCE_INCANDESCENT.rawValue)
        package static let fluorescent = Int64(V4L2_WHITE_BALANCE_FLUORESCENT.rawValue)
        package static let horizon = Int64(V4L2_WHITE_BALANCE_HORIZON.rawValue)
        package static let daylight = Int64(V4L2_WHITE_BALANCE_DAYLIGHT.rawValue)
        package static let flash = Int64(V4L2_WHITE_BALANCE_FLASH.rawValue)
        package static let cloudy = Int64(V4L2_WHITE_BALANCE_CLOUDY.rawValue)
        package static let shade = Int64(V4L2_WHITE_BALANCE_SHADE.rawValue)
    }

    /// Choices of ``colorEffect``.
    package enum Effect {
        package static let none = Int64(V4L2_COLORFX_NONE.rawValue)
        package static let negative = Int64(V4L2_COLORFX_NEGATIVE.rawValue)
        package static let emboss = Int64(V4L2_COLORFX_EMBOSS.rawValue)
        package static let sketch = Int64(V4L2_COLORFX_SKETCH.rawValue)
        package static let solarization = Int64(V4L2_COLORFX_SOLARIZATION.rawValue)
    }

    /// Choices of ``flashMode``.
    package enum Flash {
        package static let none = Int64(V4L2_FLASH_LED_MODE_NONE.rawValue)
        package static let flash = Int64(V4L2_FLASH_LED_MODE_FLASH.rawValue)
        package static let torch = Int64(V4L2_FLASH_LED_MODE_TORCH.rawValue)
    }
}
