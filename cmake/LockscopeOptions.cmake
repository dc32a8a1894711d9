# One INTERFACE target carries what every target of the house compiles with.
add_library(lockscope_options INTERFACE)
target_compile_features(lockscope_options INTERFACE cxx_std_20)
target_include_directories(lockscope_options INTERFACE "${PROJECT_SOURCE_DIR}")

target_compile_definitions(lockscope_options INTERFACE
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_CAST_FROM_BYTEARRAY QT_NO_URL_CAST_FROM_STRING
    QT_NO_NARROWING_CONVERSIONS_IN_CONNECT QT_NO_FOREACH QT_NO_KEYWORDS
    QT_DISABLE_DEPRECATED_BEFORE=0x060400
    LOCKSCOPE_VERSION="${PROJECT_VERSION}")

target_compile_options(lockscope_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wunused
    -Wconversion -Wno-sign-conversion -Wformat=2 -Wimplicit-fallthrough
    $<$<BOOL:${LOCKSCOPE_WARNINGS_AS_ERRORS}>:-Werror>)

if(LOCKSCOPE_SANITIZERS)
    target_compile_options(lockscope_options INTERFACE
        -fsanitize=${LOCKSCOPE_SANITIZERS} -fno-sanitize-recover=all -fno-omit-frame-pointer
        # GCC's manual: -fsanitize makes this warning report values that are always set.
        $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(lockscope_options INTERFACE -fsanitize=${LOCKSCOPE_SANITIZERS})
endif()

# Each test is a program with all of the product in it: with GNU ld, linking takes a third of a build.
include(CheckLinkerFlag)
foreach(linker IN ITEMS mold lld gold)
    check_linker_flag(CXX "-fuse-ld=${linker}" LOCKSCOPE_LINKS_WITH_${linker})
    if(LOCKSCOPE_LINKS_WITH_${linker})
        target_link_options(lockscope_options INTERFACE "-fuse-ld=${linker}")
        break()
    endif()
endforeach()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(LOCKSCOPE_CCACHE ccache)
if(LOCKSCOPE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Paths are hashed relative to the tree, so that a second clone finds what the first one compiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${LOCKSCOPE_CCACHE}")
endif()
