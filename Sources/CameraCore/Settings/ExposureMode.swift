// SPDX-License-Identifier: MIT

/// The modes by which a camera chooses the exposure.
///
/// Few cameras have more than ``off`` and ``auto``.
public enum ExposureMode: String, Hashable, Sendable, CaseIterable {
    /// Not automatic: exposure time and gain stay as they are.
    case off
    /// Automatic.
    case auto
    /// For the night.
    case night
    /// For a preview at night.
    case nightPreview = "nightpreview"
    /// For something with the light behind it.
    case backlight
    /// For something in a spotlight.
    case spotlight
    /// For quick movements: short exposures.
    case sports
    /// For snow.
    case snow
    /// For the beach.
    case beach
    /// With very long exposures.
    case veryLong = "verylong"
    /// At a fixed frame rate: the exposure does not slow the frames down.
    case fixedFPS = "fixedfps"
    /// Against camera shake.
    case antishake
    /// For fireworks.
    case fireworks
}
