// SPDX-License-Identifier: MIT

/// What light a camera takes for white.
public enum AWBMode: String, Hashable, Sendable, CaseIterable {
    /// What the gains say.
    case off
    /// What it finds.
    case auto
    /// The sun, without clouds.
    case sunlight
    /// A cloudy sky.
    case cloudy
    /// Shade under a blue sky.
    case shade
    /// Lamps with a tungsten filament.
    case tungsten
    /// Fluorescent lamps.
    case fluorescent
    /// Incandescent lamps.
    case incandescent
    /// A flash.
    case flash
    /// The sun at the horizon.
    case horizon
}
