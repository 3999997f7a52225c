// SPDX-License-Identifier: MIT

/// How a camera chooses the exposure; few have more than the first two.
public enum ExposureMode: String, Hashable, Sendable, CaseIterable {
    /// Not at all: exposure and gain stay as they are.
    case off
    /// By the light.
    case auto
    /// For the night.
    case night
    /// For a preview at night.
    case nightPreview = "nightpreview"
    /// For something in front of the light.
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
    /// Without slowing the frames down.
    case fixedFPS = "fixedfps"
    /// Against shaking.
    case antishake
    /// For fireworks.
    case fireworks
}
