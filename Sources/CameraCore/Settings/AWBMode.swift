// SPDX-License-Identifier: MIT

/// The modes of white balance: off, automatic, or for one kind of light.
public enum AWBMode: String, Hashable, Sendable, CaseIterable {
    /// Not automatic: the gains or the colour temperature stay as they are.
    case off
    /// Automatic.
    case auto
    /// Sunlight under a clear sky.
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
    /// Sunlight with the sun at the horizon.
    case horizon
}
