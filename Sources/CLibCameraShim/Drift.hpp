// SPDX-License-Identifier: MIT
// Where the releases of libcamera differ, from 0.0.3 on; nothing else looks at its version.

#pragma once

#include <libcamera/libcamera.h>

#include <cstdint>
#include <map>
#include <string>
#include <sys/types.h>

#define CLC_LIBCAMERA(major, minor) \
    (LIBCAMERA_VERSION_MAJOR > (major) || \
     (LIBCAMERA_VERSION_MAJOR == (major) && LIBCAMERA_VERSION_MINOR >= (minor)))

namespace drift {

/// Whether a camera works with a device.
inline bool usesDevice(
    [[maybe_unused]] libcamera::CameraManager &manager, const libcamera::Camera &camera, dev_t device) {
#if CLC_LIBCAMERA(0, 1)
    const auto devices = camera.properties().get(libcamera::properties::SystemDevices);
    if (!devices) return false;
    for (const auto candidate : *devices)
        if (static_cast<dev_t>(candidate) == device) return true;
    return false;
#else
    const auto found = manager.get(device);
    return found && found->id() == camera.id();
#endif
}

/// Asks for a picture that is flipped, seen from one that stands upright.
inline void flip(libcamera::CameraConfiguration &configuration, bool across, bool down) {
#if CLC_LIBCAMERA(0, 2)
    using libcamera::Orientation;
    configuration.orientation = across ? (down ? Orientation::Rotate180 : Orientation::Rotate0Mirror)
                                       : (down ? Orientation::Rotate180Mirror : Orientation::Rotate0);
#else
    using libcamera::Transform;
    configuration.transform =
        (across ? Transform::HFlip : Transform::Identity) | (down ? Transform::VFlip : Transform::Identity);
#endif
}

/// Whether a configuration flips as it was asked to.
inline bool isFlipped(const libcamera::CameraConfiguration &configuration, bool across, bool down) {
#if CLC_LIBCAMERA(0, 2)
    using libcamera::Orientation;
    return configuration.orientation
        == (across ? (down ? Orientation::Rotate180 : Orientation::Rotate0Mirror)
                   : (down ? Orientation::Rotate180Mirror : Orientation::Rotate0));
#else
    using libcamera::Transform;
    return configuration.transform
        == ((across ? Transform::HFlip : Transform::Identity) | (down ? Transform::VFlip : Transform::Identity));
#endif
}

/// Whether a good frame comes from before the camera has settled: `FrameStartup`, which 0.5.2 introduced.
inline bool isFromStartup(libcamera::FrameMetadata::Status status) { return static_cast<int>(status) == 3; }

/// How many values a control has: 1 for a single one, 0 where that varies.
inline uint32_t length(const libcamera::ControlId &control) {
#if CLC_LIBCAMERA(0, 4)
    if (!control.isArray()) return 1;
    return control.size() == libcamera::dynamic_extent ? 0 : static_cast<uint32_t>(control.size());
#else
    using namespace libcamera::controls;
    switch (control.id()) {
    case COLOUR_GAINS:
    case FRAME_DURATION_LIMITS: return 2;
    case SENSOR_BLACK_LEVELS: return 4;
    case COLOUR_CORRECTION_MATRIX: return 9;
    case AF_WINDOWS: return 0;
    default: return 1;
    }
#endif
}

/// The names of a control's choices; empty when it is no choice.
inline std::map<int32_t, std::string> choices(const libcamera::ControlId &control) {
#if CLC_LIBCAMERA(0, 4)
    return control.enumerators();
#else
    using namespace libcamera::controls;
    switch (control.id()) {
    case AE_METERING_MODE:
        return {{MeteringCentreWeighted, "MeteringCentreWeighted"}, {MeteringSpot, "MeteringSpot"},
                {MeteringMatrix, "MeteringMatrix"}, {MeteringCustom, "MeteringCustom"}};
    case AE_CONSTRAINT_MODE:
        return {{ConstraintNormal, "ConstraintNormal"}, {ConstraintHighlight, "ConstraintHighlight"},
                {ConstraintShadows, "ConstraintShadows"}, {ConstraintCustom, "ConstraintCustom"}};
    case AE_EXPOSURE_MODE:
        return {{ExposureNormal, "ExposureNormal"}, {ExposureShort, "ExposureShort"},
                {ExposureLong, "ExposureLong"}, {ExposureCustom, "ExposureCustom"}};
    case AWB_MODE:
        return {{AwbAuto, "AwbAuto"}, {AwbIncandescent, "AwbIncandescent"}, {AwbTungsten, "AwbTungsten"},
                {AwbFluorescent, "AwbFluorescent"}, {AwbIndoor, "AwbIndoor"}, {AwbDaylight, "AwbDaylight"},
                {AwbCloudy, "AwbCloudy"}, {AwbCustom, "AwbCustom"}};
    case AF_MODE:
        return {{AfModeManual, "AfModeManual"}, {AfModeAuto, "AfModeAuto"}, {AfModeContinuous, "AfModeContinuous"}};
    case AF_RANGE:
        return {{AfRangeNormal, "AfRangeNormal"}, {AfRangeMacro, "AfRangeMacro"}, {AfRangeFull, "AfRangeFull"}};
    case AF_SPEED: return {{AfSpeedNormal, "AfSpeedNormal"}, {AfSpeedFast, "AfSpeedFast"}};
    case AF_METERING: return {{AfMeteringAuto, "AfMeteringAuto"}, {AfMeteringWindows, "AfMeteringWindows"}};
    case AF_TRIGGER: return {{AfTriggerStart, "AfTriggerStart"}, {AfTriggerCancel, "AfTriggerCancel"}};
    case AF_PAUSE:
        return {{AfPauseImmediate, "AfPauseImmediate"}, {AfPauseDeferred, "AfPauseDeferred"},
                {AfPauseResume, "AfPauseResume"}};
    default: return {};
    }
#endif
}

/// What the numbers of a control's type are; nothing where they are not interpreted.
inline clc_type type(libcamera::ControlType type) {
    switch (type) {
    case libcamera::ControlTypeBool: return CLC_TYPE_BOOLEAN;
    case libcamera::ControlTypeByte:
    case libcamera::ControlTypeInteger32:
    case libcamera::ControlTypeInteger64: return CLC_TYPE_INTEGER;
    case libcamera::ControlTypeFloat: return CLC_TYPE_NUMBER;
    case libcamera::ControlTypeRectangle: return CLC_TYPE_RECTANGLE;
    case libcamera::ControlTypeSize: return CLC_TYPE_SIZE;
#if CLC_LIBCAMERA(0, 4)
    case libcamera::ControlTypeUnsigned16:
    case libcamera::ControlTypeUnsigned32: return CLC_TYPE_INTEGER;
    case libcamera::ControlTypePoint: return CLC_TYPE_POINT;
#endif
    default: return CLC_TYPE_OTHER;
    }
}

/// Calls a function with a value of the type that a control's numbers have in memory; false where there is none.
template <typename Body> bool withElement(libcamera::ControlType type, Body body) {
    switch (type) {
    case libcamera::ControlTypeBool: body(bool{}); return true;
    case libcamera::ControlTypeByte: body(uint8_t{}); return true;
    case libcamera::ControlTypeInteger32: body(int32_t{}); return true;
    case libcamera::ControlTypeInteger64: body(int64_t{}); return true;
    case libcamera::ControlTypeFloat: body(float{}); return true;
    // These are made of numbers of 32 bits.
    case libcamera::ControlTypeRectangle:
    case libcamera::ControlTypeSize: body(int32_t{}); return true;
#if CLC_LIBCAMERA(0, 4)
    case libcamera::ControlTypeUnsigned16: body(uint16_t{}); return true;
    case libcamera::ControlTypeUnsigned32: body(uint32_t{}); return true;
    case libcamera::ControlTypePoint: body(int32_t{}); return true;
#endif
    default: return false;
    }
}

}  // namespace drift
